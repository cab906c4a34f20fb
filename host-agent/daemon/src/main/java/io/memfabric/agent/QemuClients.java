package io.memfabric.agent;

import io.memfabric.agent.borrowing.DiskClients;
import io.memfabric.agent.hostmemory.QemuProcesses;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/// Lets a VM's own QEMU open its disk, and nobody else: neither another VM's, which may run as the
/// same user, nor a tool.
record QemuClients(QemuProcesses processes) implements DiskClients {

    @Override
    public Optional<String> objection(UUID vmId, Peer peer) {
        try {
            return processes.isQemuOf(vmId, peer.pid())
                    ? Optional.empty()
                    : Optional.of("it is not the QEMU of VM " + vmId);
        } catch (IOException e) {
            return Optional.of("the processes cannot be seen: " + e.getMessage());
        }
    }
}
