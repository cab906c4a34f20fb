package io.memfabric.agent.hypervisor;

import io.memfabric.agent.hypervisor.VirtualMachine.BalloonStatistics;
import io.memfabric.agent.hypervisor.VirtualMachine.State;
import io.memfabric.contract.vocabulary.MemorySize;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// VMs in a map. Every change is told to a journal, and each kind of call can be made to fail.
public final class FakeHypervisor implements Hypervisor {

    private final Map<UUID, VirtualMachine> machines = new LinkedHashMap<>();
    private final Map<UUID, List<AttachedDisk>> disks = new LinkedHashMap<>();
    private final List<String> journal;
    private @Nullable HypervisorException down;
    private @Nullable HypervisorException attachFailure;
    private boolean attachesAllTheSame;
    private @Nullable HypervisorException detachFailure;
    private @Nullable UUID hanging;
    private @Nullable UUID vanishing;
    private final CountDownLatch hang = new CountDownLatch(1);

    /// @param journal where `attach`, `detach` and `balloon` lines go
    public FakeHypervisor(List<String> journal) {
        this.journal = journal;
    }

    public synchronized void add(VirtualMachine machine) {
        machines.put(machine.id(), machine);
    }

    public static VirtualMachine running(UUID id, long maxMib, long balloonMib, long usableMib) {
        return new VirtualMachine(
                id,
                "vm-" + id.getLeastSignificantBits(),
                State.RUNNING,
                maxMib << 20,
                maxMib << 20,
                balloonMib << 20,
                new BalloonStatistics(usableMib << 20, System.currentTimeMillis() / 1000),
                null,
                null);
    }

    /// The VM's process ends and its disks with it.
    public synchronized void stop(UUID id) {
        VirtualMachine vm = machines.remove(id);
        if (vm != null) {
            machines.put(
                    id,
                    new VirtualMachine(
                            id,
                            vm.name(),
                            State.OFF,
                            vm.maxBytes(),
                            vm.ceilingBytes(),
                            0,
                            null,
                            null,
                            Exclusion.NOT_RUNNING));
        }
        disks.remove(id);
    }

    public synchronized void goDown() {
        down = new HypervisorException(HypervisorException.LIBVIRT_DOWN, "switched off");
    }

    public synchronized void comeBack() {
        down = null;
    }

    public synchronized void failAttach(String code, boolean attachesAllTheSame) {
        attachFailure = new HypervisorException(code, "switched off");
        this.attachesAllTheSame = attachesAllTheSame;
    }

    public synchronized void failDetach(String code) {
        detachFailure = new HypervisorException(code, "switched off");
    }

    public synchronized void detachWorksAgain() {
        detachFailure = null;
    }

    /// Calls about this VM's balloon do not return any more.
    public synchronized void hangOn(UUID id) {
        hanging = id;
    }

    /// This VM is gone when its balloon is to be set: it was seen, and ended meanwhile.
    public synchronized void vanishBeforeItsMove(UUID id) {
        vanishing = id;
    }

    public void letGo() {
        hang.countDown();
    }

    public synchronized void plug(UUID id, AttachedDisk disk) {
        disks.computeIfAbsent(id, _ -> new ArrayList<>()).add(disk);
    }

    @Override
    public synchronized List<VirtualMachine> machines() throws HypervisorException {
        throwIfDown();
        return List.copyOf(machines.values());
    }

    @Override
    public void setBalloon(UUID vmId, MemorySize target) throws HypervisorException {
        boolean hangs;
        synchronized (this) {
            throwIfDown();
            hangs = vmId.equals(hanging);
            if (vmId.equals(vanishing)) {
                machines.remove(vmId);
                throw new HypervisorException(HypervisorException.VM_NOT_FOUND, "no such VM");
            }
        }
        if (hangs) {
            try {
                hang.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        synchronized (this) {
            journal.add("balloon " + target);
            VirtualMachine vm = machines.get(vmId);
            if (vm == null) {
                throw new HypervisorException(HypervisorException.VM_NOT_FOUND, "no such VM");
            }
            machines.put(
                    vmId,
                    new VirtualMachine(
                            vmId,
                            vm.name(),
                            vm.state(),
                            vm.maxBytes(),
                            vm.ceilingBytes(),
                            target.bytes(),
                            vm.statistics(),
                            vm.guestChannel(),
                            vm.exclusion()));
        }
    }

    @Override
    public synchronized AttachedDisk attachDisk(UUID vmId, DiskToAttach disk)
            throws HypervisorException {
        throwIfDown();
        journal.add("attach " + disk.serial());
        AttachedDisk attached =
                new AttachedDisk(
                        "vdb",
                        disk.serial(),
                        disk.socket(),
                        disk.exportName(),
                        "stop",
                        "stop",
                        null);
        if (attachFailure == null || attachesAllTheSame) {
            plug(vmId, attached);
        }
        if (attachFailure != null) {
            throw attachFailure;
        }
        return attached;
    }

    @Override
    public synchronized void detachDisk(UUID vmId, String serial) throws HypervisorException {
        throwIfDown();
        if (detachFailure != null) {
            throw detachFailure;
        }
        journal.add("detach " + serial);
        disks.getOrDefault(vmId, List.of()).removeIf(disk -> disk.serial().equals(serial));
    }

    @Override
    public synchronized List<AttachedDisk> disks(UUID vmId) throws HypervisorException {
        throwIfDown();
        return List.copyOf(disks.getOrDefault(vmId, List.of()));
    }

    private void throwIfDown() throws HypervisorException {
        if (down != null) {
            throw down;
        }
    }

    @Override
    public void close() {
        journal.add("close hypervisor");
    }
}
