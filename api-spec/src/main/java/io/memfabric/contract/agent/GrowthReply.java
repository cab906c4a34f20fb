package io.memfabric.contract.agent;

import java.util.UUID;

/// How the grant is that a [GrowthRequest] began.
public record GrowthReply(UUID grantId, State state) {

    /// The states of such a grant, as far as its VM's host needs to know.
    public enum State {
        /// It has memory, or is to get it.
        LIVE,
        /// It is being given back; that may fail, and it is live again.
        LEAVING,
        /// It has no memory any more.
        GONE
    }

    public GrowthReply {
        Check.present("grantId", grantId);
        Check.present("state", state);
    }
}
