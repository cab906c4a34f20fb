package io.memfabric.broker.recall;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A recall as the ledger has it.
///
/// @param keepRegions what the host may go on offering
/// @param foundRegions what it offered when the recall began
/// @param holdUntil until when it gets no more to lend than that
/// @param plan what is done about it, or null before the first look
/// @param problem what stands in its way, or null
/// @param late whether the deadline passed before it was done
record Recall(
        UUID id,
        UUID hostId,
        Reason reason,
        long wantedBytes,
        int keepRegions,
        int foundRegions,
        State state,
        Instant deadline,
        Instant holdUntil,
        @Nullable String plan,
        @Nullable String problem,
        boolean late,
        Instant createdAt,
        @Nullable Instant doneAt) {

    /// Who asked for it.
    enum Reason {
        OPERATOR,
        /// The host's own agent.
        SHORTAGE,
        /// The host is drained.
        DRAIN
    }

    /// How far it is.
    enum State {
        OPEN,
        /// The host has its memory back and is kept from lending it again.
        DONE,
        /// It is over.
        ENDED
    }
}
