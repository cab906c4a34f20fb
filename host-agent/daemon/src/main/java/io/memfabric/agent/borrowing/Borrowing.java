package io.memfabric.agent.borrowing;

import io.memfabric.contract.agent.AttachGrant;
import java.util.Optional;
import java.util.UUID;

/// The devices that this host builds from other hosts' regions. Safe for use by several threads.
public interface Borrowing extends AutoCloseable {

    /// Opens every leg of the plan, builds the device and exports it over NBD on a unix socket of
    /// its own. Opening what is open under the same epoch answers the same disk.
    ///
    /// @throws BorrowingException where a leg cannot be opened; nothing is left open then
    ExportedDisk open(AttachGrant plan) throws BorrowingException;

    /// Opens again what an earlier process had opened, with what was kept of it: its clients' socket
    /// and, where the pages cannot be read without, its kept memory.
    ///
    /// @throws BorrowingException `metadata_missing` where that memory is gone, and as [#open]
    default ExportedDisk resume(AttachGrant plan) throws BorrowingException {
        return open(plan);
    }

    /// The open device of a grant.
    Optional<ExportedDisk> find(UUID grantId);

    /// Closes a grant's device and its legs and destroys its key, so that nobody can read its pages
    /// any more; the caller has made sure that no VM has it any more. Closing what is not open does
    /// nothing more than letting go of what was kept.
    void close(UUID grantId);

    /// Ends every device of this process. What is kept stays for the next one, to [#resume].
    @Override
    void close();
}
