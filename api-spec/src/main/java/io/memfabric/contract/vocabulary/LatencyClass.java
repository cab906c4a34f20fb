package io.memfabric.contract.vocabulary;

/// How fast the remote part of a grant has to be, judged by what was measured, never by what was
/// configured.
public enum LatencyClass {
    /// RDMA in the same failure domain, measured below the class bound.
    LOW,
    STANDARD,
    /// Whatever is free.
    ANY
}
