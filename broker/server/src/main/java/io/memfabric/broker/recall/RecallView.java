package io.memfabric.broker.recall;

import io.memfabric.contract.vocabulary.FabricLimits;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A recall as the API shows it.
record RecallView(UUID id, Instant createdAt, Spec spec, Status status) {

    record Spec(UUID hostId, long bytes, Instant deadline) {}

    /// @param leftBytes how much the host still offers above what it may
    /// @param plan what is done about it, or null before the first look
    /// @param problem what stands in its way, or null
    record Status(
            Recall.State state,
            Recall.Reason reason,
            long keepBytes,
            long leftBytes,
            boolean late,
            @Nullable String plan,
            @Nullable String problem,
            @Nullable Instant doneAt) {}

    static RecallView of(Recall recall, int offeredRegions) {
        long region = FabricLimits.REGION.bytes();
        boolean open = recall.state() == Recall.State.OPEN;
        return new RecallView(
                recall.id(),
                recall.createdAt(),
                new Spec(recall.hostId(), recall.wantedBytes(), recall.deadline()),
                new Status(
                        recall.state(),
                        recall.reason(),
                        recall.keepRegions() * region,
                        open ? Math.max(0, offeredRegions - recall.keepRegions()) * region : 0,
                        recall.late(),
                        recall.plan(),
                        recall.problem(),
                        recall.doneAt()));
    }
}
