package io.memfabric.agent.borrowing;

import java.util.Optional;

/// Memory by name that is meant to outlive this process: what a grant's pages cannot be read
/// without. How long it really lives is the adapter's to say; adapters are services, so that this
/// package imports none of them.
public interface Kept {

    /// The memory that was created under this name and not dropped.
    ///
    /// @throws BorrowingException `kept_memory_unavailable` where it is there and cannot be used
    Optional<KeptMemory> find(String name) throws BorrowingException;

    /// Makes zeroed memory under a name that has none.
    ///
    /// @throws BorrowingException `kept_memory_unavailable` where the kernel gives none
    KeptMemory create(String name, long bytes) throws BorrowingException;

    /// Gives memory back, after zeroing it. Nobody uses it any more. Dropping what is not there does
    /// nothing.
    void drop(String name);
}
