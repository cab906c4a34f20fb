package io.memfabric.contract.vocabulary;

/// How the guest sees the remote part of a grant.
public enum AttachMode {
    /// A hot-plugged disk that the guest's balloon daemon swaps on at the highest priority.
    SWAP,
    /// The raw disk, for a program in the guest to use as it likes.
    DEVICE
}
