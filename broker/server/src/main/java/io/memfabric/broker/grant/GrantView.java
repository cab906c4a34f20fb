package io.memfabric.broker.grant;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.memfabric.broker.policy.Failure;
import io.memfabric.broker.policy.GrantState;
import io.memfabric.broker.policy.NoticeClass;
import io.memfabric.contract.agent.DataTransport;
import io.memfabric.contract.agent.LenderWay;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.LatencyClass;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A grant as the API shows it.
record GrantView(
        UUID id, Instant createdAt, Instant updatedAt, long revision, Spec spec, Status status) {

    record Spec(
            UUID vmId,
            long sizeBytes,
            AttachMode attachMode,
            LatencyClass latencyClass,
            int copies,
            NoticeClass notice) {}

    /// @param origin who asked for it
    /// @param sizeBytes the size of the device: the wanted size, rounded up to whole regions
    /// @param extents where the device's memory is; lists leave it out
    /// @param problem what is wrong with it, or null
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Status(
            GrantState state,
            GrantEntity.Origin origin,
            UUID borrowerId,
            long sizeBytes,
            String serial,
            long epoch,
            @Nullable List<Extent> extents,
            @Nullable ProblemView problem) {}

    record Extent(int index, List<LegView> legs) {}

    /// @param use `HELD`, or `COMING` where it is to take the place of the one before it
    /// @param transport over what the borrower reaches it, or null where it has not said
    /// @param notRdma why that is not RDMA although it could be
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record LegView(
            UUID hostId,
            UUID bootId,
            long regionId,
            long generation,
            String state,
            LegUse use,
            @Nullable DataTransport transport,
            @Nullable String notRdma) {

        static LegView of(Leg leg, @Nullable LenderWay way) {
            return new LegView(
                    leg.hostId(),
                    leg.bootId(),
                    leg.regionId(),
                    leg.generation(),
                    leg.state(),
                    leg.use(),
                    way == null ? null : way.transport(),
                    way == null ? null : way.notRdma());
        }
    }

    record ProblemView(String code, String detail) {
        static @Nullable ProblemView of(@Nullable Failure failure) {
            return failure == null ? null : new ProblemView(failure.code(), failure.detail());
        }
    }

    /// A grant in a list.
    static GrantView of(GrantEntity grant) {
        return of(grant, null);
    }

    /// A grant with its legs.
    ///
    /// @param wayTo over what the borrower reaches a lender
    static GrantView of(
            GrantEntity grant, List<Leg> legs, Function<UUID, Optional<LenderWay>> wayTo) {
        return of(grant, extents(legs, wayTo));
    }

    private static GrantView of(GrantEntity grant, @Nullable List<Extent> extents) {
        return new GrantView(
                grant.id(),
                grant.createdAt(),
                grant.updatedAt(),
                grant.revision(),
                new Spec(
                        grant.vmId(),
                        grant.requestedBytes(),
                        grant.attachMode(),
                        grant.latencyClass(),
                        grant.copies(),
                        grant.notice()),
                new Status(
                        grant.state(),
                        grant.origin(),
                        grant.borrowerId(),
                        grant.sizeBytes(),
                        grant.serial(),
                        grant.epoch(),
                        extents,
                        ProblemView.of(grant.problem())));
    }

    private static List<Extent> extents(List<Leg> legs, Function<UUID, Optional<LenderWay>> wayTo) {
        List<Extent> extents = new ArrayList<>();
        for (Leg leg : legs) {
            if (extents.isEmpty() || extents.getLast().index() != leg.extentIndex()) {
                extents.add(new Extent(leg.extentIndex(), new ArrayList<>()));
            }
            extents.getLast().legs().add(LegView.of(leg, wayTo.apply(leg.hostId()).orElse(null)));
        }
        return extents;
    }
}
