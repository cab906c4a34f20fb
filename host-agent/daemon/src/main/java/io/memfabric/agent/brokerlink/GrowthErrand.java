package io.memfabric.agent.brokerlink;

import java.util.UUID;

/// What the broker is to be asked about a VM's growth.
///
/// @param bytes the size that is asked for
public record GrowthErrand(UUID requestId, UUID vmId, long bytes, Kind kind) {

    /// The ways to ask.
    public enum Kind {
        /// Make the grant.
        ASK,
        /// Say how it is.
        LOOK,
        /// Take it back, and say how it is.
        GIVE_BACK
    }

    /// What the broker answered.
    public enum Answer {
        LIVE,
        LEAVING,
        /// It has no memory any more, or never was.
        GONE,
        /// The broker does not want to make it, for now.
        REFUSED
    }
}
