package io.memfabric.agent.command;

import io.memfabric.agent.hypervisor.Hypervisor;
import io.memfabric.agent.hypervisor.HypervisorException;
import io.memfabric.agent.hypervisor.VirtualMachine;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/// Whether a VM is there, and whether it is provably not.
public final class VmPresence {

    private final Hypervisor hypervisor;
    private final Processes processes;

    /// The host's QEMU processes.
    public interface Processes {
        boolean exists(UUID vmId) throws IOException;
    }

    public VmPresence(Hypervisor hypervisor, Processes processes) {
        this.hypervisor = hypervisor;
        this.processes = processes;
    }

    Optional<VirtualMachine> find(UUID vmId) throws HypervisorException {
        return hypervisor.machines().stream()
                .filter(machine -> machine.id().equals(vmId))
                .findFirst();
    }

    /// Whether the VM surely uses nothing any more: the hypervisor says that it is off, and its
    /// process does not exist. Doubt is no proof.
    boolean isGone(UUID vmId) {
        try {
            boolean off =
                    find(vmId)
                            .map(machine -> machine.state() == VirtualMachine.State.OFF)
                            .orElse(true);
            return off && !processes.exists(vmId);
        } catch (HypervisorException | IOException e) {
            return false;
        }
    }
}
