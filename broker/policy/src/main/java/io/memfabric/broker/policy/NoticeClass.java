package io.memfabric.broker.policy;

/// How readily a grant gives way to a lender that needs its memory back.
public enum NoticeClass {
    /// It gives way last, and its second copies are moved before they are given up.
    GUARANTEED,
    STANDARD,
    /// It gives way first.
    SPOT
}
