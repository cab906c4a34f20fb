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

    /// The open device of a grant.
    Optional<ExportedDisk> find(UUID grantId);

    /// Closes a grant's device and its legs; the caller has made sure that no VM has it any more.
    /// Closing what is not open does nothing.
    void close(UUID grantId);

    @Override
    void close();
}
