package io.memfabric.broker.grant;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.memfabric.broker.policy.Failure;
import io.memfabric.broker.policy.GrantState;
import io.memfabric.broker.policy.NoticeClass;
import io.memfabric.broker.policy.ResizePolicy;
import io.memfabric.contract.agent.DataTransport;
import io.memfabric.contract.agent.LenderWay;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.LatencyClass;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A grant as the API shows it.
record GrantView(
        UUID id, Instant createdAt, Instant updatedAt, long revision, Spec spec, Status status) {

    /// @param expiresAt until when it is wanted, or null
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Spec(
            UUID vmId,
            long sizeBytes,
            AttachMode attachMode,
            LatencyClass latencyClass,
            int copies,
            NoticeClass notice,
            @Nullable Instant expiresAt) {}

    /// @param state of the whole grant
    /// @param origin who asked for it
    /// @param sizeBytes the size of its devices: the wanted size, rounded up to whole regions
    /// @param extents where the first device's memory is; lists leave it out
    /// @param partOf the grant of which it is a further device, or null
    /// @param wantedBytes the size that it is on its way to, or null
    /// @param parts its further devices, or null where it has none
    /// @param spilledBytes how much of it is on the disk of its VM's host, or null; lists leave it out
    /// @param problem what is wrong with it, or null
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Status(
            String state,
            GrantEntity.Origin origin,
            UUID borrowerId,
            long sizeBytes,
            String serial,
            long epoch,
            @Nullable List<Extent> extents,
            @Nullable UUID partOf,
            @Nullable Long wantedBytes,
            @Nullable List<Part> parts,
            @Nullable Long spilledBytes,
            @Nullable ProblemView problem) {}

    /// A further device of a grant.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Part(
            UUID id,
            GrantState state,
            long sizeBytes,
            String serial,
            @Nullable ProblemView problem) {

        static Part of(GrantEntity part) {
            return new Part(
                    part.id(),
                    part.state(),
                    part.sizeBytes(),
                    part.serial(),
                    ProblemView.of(part.problem()));
        }
    }

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
    ///
    /// @param further all devices that it ever had beside the first, the oldest first
    /// @param expiresAt until when it is wanted, or null
    static GrantView of(GrantEntity grant, List<GrantEntity> further, @Nullable Instant expiresAt) {
        return of(grant, further, expiresAt, null, 0);
    }

    /// A grant with the legs of its first device.
    ///
    /// @param further all devices that it ever had beside the first, the oldest first
    /// @param expiresAt until when it is wanted, or null
    /// @param spilled how many regions of all its devices are on the disk of its VM's host
    /// @param wayTo over what the borrower reaches a lender
    static GrantView of(
            GrantEntity grant,
            List<GrantEntity> further,
            @Nullable Instant expiresAt,
            List<Leg> legs,
            int spilled,
            Function<UUID, Optional<LenderWay>> wayTo) {
        return of(grant, further, expiresAt, extents(legs, wayTo), spilled);
    }

    private static GrantView of(
            GrantEntity grant,
            List<GrantEntity> further,
            @Nullable Instant expiresAt,
            @Nullable List<Extent> extents,
            int spilled) {
        List<GrantEntity> parts = further.stream().filter(GrantEntity::holds).toList();
        return new GrantView(
                grant.id(),
                grant.createdAt(),
                grant.updatedAt(),
                grant.revision(),
                new Spec(
                        grant.vmId(),
                        grant.requestedBytes()
                                + parts.stream().mapToLong(GrantEntity::requestedBytes).sum(),
                        grant.attachMode(),
                        grant.latencyClass(),
                        grant.copies(),
                        grant.notice(),
                        expiresAt),
                new Status(
                        ResizePolicy.shown(
                                grant.state(),
                                parts.stream().map(GrantEntity::state).toList(),
                                grant.wantedBytes()),
                        grant.origin(),
                        grant.borrowerId(),
                        grant.sizeBytes() + parts.stream().mapToLong(GrantEntity::sizeBytes).sum(),
                        grant.serial(),
                        grant.epoch(),
                        extents,
                        grant.partOf().orElse(null),
                        grant.wantedBytes().filter(bytes -> bytes > 0).orElse(null),
                        parts.isEmpty() ? null : parts.stream().map(Part::of).toList(),
                        spilled == 0 ? null : spilled * FabricLimits.REGION.bytes(),
                        ProblemView.of(
                                Stream.concat(Stream.of(grant), parts.stream())
                                        .map(GrantEntity::problem)
                                        .filter(Objects::nonNull)
                                        .findFirst()
                                        .orElse(null))));
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
