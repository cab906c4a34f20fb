package io.memfabric.agent.borrowing;

import io.memfabric.contract.agent.LenderPlace;

/// Measures one way to lenders: opens a connection of its own, reads a page of zeros that every lender
/// has for this, and closes it. No grant is needed and no leg is held up.
public interface LenderProbe {

    /// Reads 4 KiB so many times, one after the other.
    ///
    /// @return how long each read took, in nanoseconds
    /// @throws BorrowingException where the lender cannot be reached this way
    long[] measure(LenderPlace lender, int samples) throws BorrowingException;
}
