package io.memfabric.contract.vocabulary;

/// How fast the remote part of a grant has to be, judged by what was measured, never by what was
/// configured.
public enum LatencyClass {
    /// Reached over RDMA, and the 99th percentile that the borrower measured is below the bound of
    /// the class.
    LOW,
    STANDARD,
    /// Whatever is free.
    ANY
}
