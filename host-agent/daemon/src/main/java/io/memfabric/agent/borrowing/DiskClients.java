package io.memfabric.agent.borrowing;

import java.util.Optional;
import java.util.UUID;

/// Who may open a grant's device. The socket's mode keeps other users out; this tells apart the
/// processes of one user, such as the QEMUs of two VMs.
@FunctionalInterface
public interface DiskClients {

    /// Whoever can open the socket.
    DiskClients ANY = (_, _) -> Optional.empty();

    /// A process that connected, as the kernel names it (`SO_PEERCRED` of unix(7)).
    ///
    /// @param pid in this process's namespace, or 0 where it is not in it
    record Peer(int pid, int uid) {}

    /// Why a process may not open the device of this VM's grant, or nothing where it may. Asked for
    /// each connection, before a byte of it is read.
    Optional<String> objection(UUID vmId, Peer peer);
}
