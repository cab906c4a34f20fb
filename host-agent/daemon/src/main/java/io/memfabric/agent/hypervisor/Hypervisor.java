package io.memfabric.agent.hypervisor;

import io.memfabric.contract.vocabulary.MemorySize;
import java.util.List;
import java.util.UUID;

/// The VMs of this host, their balloons and their disks. Safe for use by several threads. No call
/// waits longer than its own deadline, and a VM that hangs delays no call about another one.
public interface Hypervisor extends AutoCloseable {

    /// Every VM as the hypervisor sees it now. Never answers remembered figures: where the
    /// hypervisor is out of reach it throws.
    ///
    /// @throws HypervisorException `libvirt_down`, `libvirt_timeout`
    List<VirtualMachine> machines() throws HypervisorException;

    /// Asks the VM's balloon driver for this size. Returns when the request is made; what the guest
    /// does with it shows in [#machines()].
    void setBalloon(UUID vmId, MemorySize target) throws HypervisorException;

    /// Hot-plugs a disk and answers what is in force, read back from the running VM. A disk with this
    /// serial and source that is there already is answered as it is. Where it throws, the VM has no
    /// such disk.
    ///
    /// @throws HypervisorException `vm_not_found`, `vm_not_running`, `attach_failed`, or
    ///     `attach_uncertain` where a disk may have been left behind
    AttachedDisk attachDisk(UUID vmId, DiskToAttach disk) throws HypervisorException;

    /// Takes the disk with this serial away and returns when it is really gone; a VM that does not
    /// have it, or does not run, is left alone.
    ///
    /// The caller has made sure that the guest uses it no more: nothing here refuses to take a swap
    /// disk from a guest, and the guest would not survive that.
    ///
    /// @throws HypervisorException `detach_failed` where the disk is still there
    void detachDisk(UUID vmId, String serial) throws HypervisorException;

    /// The disks of the running VM; none where it does not run.
    ///
    /// @throws HypervisorException `vm_not_found`
    List<AttachedDisk> disks(UUID vmId) throws HypervisorException;

    @Override
    void close();
}
