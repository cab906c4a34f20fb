package io.memfabric.broker.grant;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.TimeOrderedId;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.operation.OperationKind;
import io.memfabric.broker.operation.OperationView;
import io.memfabric.broker.operation.Operations;
import io.memfabric.broker.policy.Failure;
import io.memfabric.broker.policy.GrantEvent;
import io.memfabric.broker.policy.ResizePolicy;
import io.memfabric.broker.policy.ResizePolicy.Device;
import io.memfabric.broker.policy.ResizePolicy.Plan;
import io.memfabric.broker.recovery.Recovery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Revision;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Takes grants to another size, one device at a time: each comes and goes with an operation of its
/// own, and the next step is taken when that is over. What a way needs is in the ledger, so a broker
/// that was killed goes on where it was. The end of a grant with several devices is a way too: the
/// first device goes last.
@Component
class Resizing {

    private static final System.Logger LOG = System.getLogger(Resizing.class.getName());

    /// How many grants on a way are looked at in a second.
    private static final int PAGE = 1000;

    private final GrantRepository grants;
    private final GrantLives lives;
    private final Creation creation;
    private final Release release;
    private final Operations operations;
    private final Recovery recovery;
    private final Events events;
    private final Ledger ledger;
    private final InstantSource clock;

    Resizing(
            GrantRepository grants,
            GrantLives lives,
            Creation creation,
            Release release,
            Operations operations,
            Recovery recovery,
            Events events,
            Ledger ledger,
            InstantSource clock) {
        this.grants = grants;
        this.lives = lives;
        this.creation = creation;
        this.release = release;
        this.operations = operations;
        this.recovery = recovery;
        this.events = events;
        this.ledger = ledger;
        this.clock = clock;
    }

    /// How a grant would get to a size, or why it cannot, without changing anything.
    ///
    /// @param only the caller's tenant, where he may know of no other
    ResizeView validate(UUID id, long bytes, Optional<UUID> only) {
        GrantEntity grant = grants.findById(id).orElseThrow(() -> Problem.notFound("grant", id));
        check(grant);
        long from = devices(grant).stream().mapToLong(Device::bytes).sum();
        long to = whole(bytes);
        return switch (ResizePolicy.plan(devices(grant), to)) {
            case Plan.Add add -> {
                PlacementView placed = creation.validatePart(grant, add.bytes(), only);
                yield new ResizeView(
                        id,
                        from,
                        to,
                        placed.placed(),
                        placed.code(),
                        placed.placed()
                                ? "A further device of " + add.bytes() + " bytes would come."
                                : placed.because(),
                        add.bytes(),
                        List.of(),
                        null,
                        placed);
            }
            case Plan.Leave leave ->
                    new ResizeView(
                            id,
                            from,
                            to,
                            true,
                            null,
                            "The guest would swap off " + leave.devices().size() + " devices.",
                            0,
                            leave.devices(),
                            null,
                            null);
            case Plan.Done _ ->
                    new ResizeView(
                            id,
                            from,
                            to,
                            true,
                            null,
                            "Its devices are that large already.",
                            0,
                            List.of(),
                            null,
                            null);
            case Plan.Unreachable no ->
                    new ResizeView(
                            id,
                            from,
                            to,
                            false,
                            no.failure().code(),
                            no.failure().detail(),
                            0,
                            List.of(),
                            List.copyOf(no.reachable()),
                            null);
        };
    }

    /// Sets out for a size, in the transaction at hand.
    ///
    /// @param expected the revision that the caller has seen
    OperationView begin(UUID id, long expected, long bytes, Optional<UUID> only) {
        GrantEntity grant = grants.lock(id).orElseThrow(() -> Problem.notFound("grant", id));
        Revision.check(expected, grant.revision());
        recovery.check();
        check(grant);
        UUID operationId = TimeOrderedId.at(clock.instant());
        OperationView operation =
                operations.begin(operationId, OperationKind.GRANT_RESIZE, grant.id());
        grant.setOut(bytes, clock.instant());
        tell(grant, "grant_resizing", "is on its way to " + bytes + " bytes.");
        if (ResizePolicy.plan(devices(grant), whole(bytes)) instanceof Plan.Unreachable no) {
            throw new Problem(ProblemCode.SIZE_NOT_REACHABLE, no.failure().detail());
        }
        step(grant, only);
        return operations.get(operationId).orElse(operation);
    }

    /// Begins the end of a grant with all its devices, in the transaction at hand.
    OperationView release(UUID id) {
        GrantEntity grant = grants.lock(id).orElseThrow(() -> Problem.notFound("grant", id));
        refusePart(grant);
        if (parts(grant).isEmpty()
                || operations.open(id, OperationKind.GRANT_RELEASE).isPresent()) {
            return release.begin(id);
        }
        recovery.check();
        operations.fail(
                id,
                OperationKind.GRANT_RESIZE,
                "grant_released",
                "The grant was released before it had its new size.");
        UUID operationId = TimeOrderedId.at(clock.instant());
        OperationView operation = operations.begin(operationId, OperationKind.GRANT_RELEASE, id);
        grant.setOut(0, clock.instant());
        step(grant, Optional.empty());
        return operations.get(operationId).orElse(operation);
    }

    private static void refusePart(GrantEntity grant) {
        grant.partOf()
                .ifPresent(
                        whole -> {
                            throw new Problem(
                                    ProblemCode.GRANT_IS_PART,
                                    "It is a device of grant " + whole + ": change that one.");
                        });
    }

    private void check(GrantEntity grant) {
        refusePart(grant);
        if (grant.attachMode() != AttachMode.SWAP || grant.origin() == GrantEntity.Origin.AUTO) {
            throw new Problem(
                    ProblemCode.GRANT_NOT_RESIZABLE,
                    "Only grants that a guest swaps on, and that no host asked for by itself, change"
                            + " their size.");
        }
        if (!grant.serves()) {
            throw new Problem(ProblemCode.GRANT_NOT_LIVE, "The grant is " + grant.state() + ".");
        }
        if (grant.wantedBytes().isPresent()
                || parts(grant).stream().anyMatch(part -> !part.serves())) {
            throw new Problem(
                    ProblemCode.RESIZE_UNDER_WAY, "Devices of it are on their way already.");
        }
    }

    @Scheduled(fixedDelayString = "PT0.5S")
    synchronized void look() {
        if (recovery.isUnderWay()) {
            return;
        }
        for (UUID id : grants.onAWay(Limit.of(PAGE))) {
            try {
                ledger.run(() -> grants.lock(id).ifPresent(grant -> step(grant, Optional.empty())));
            } catch (Problem e) {
                Failure failure = new Failure(e.code().wire(), String.valueOf(e.getMessage()));
                ledger.run(() -> grants.lock(id).ifPresent(grant -> fail(grant, failure)));
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "grant " + id + " does not change its size yet", e);
            }
        }
    }

    /// Takes the next step, if the last one is over.
    private void step(GrantEntity grant, Optional<UUID> only) {
        Optional<Long> wanted = grant.wantedBytes();
        if (wanted.isEmpty()) {
            return;
        }
        boolean ends = wanted.get() == 0;
        if (!ends && !grant.serves()) {
            fail(grant, new Failure("grant_not_live", "The grant is " + grant.state() + "."));
            return;
        }
        if (!ends && parts(grant).stream().anyMatch(GrantEntity::isInQuarantine)) {
            fail(grant, new Failure("grant_not_live", "A device of the grant is in quarantine."));
            return;
        }
        Optional<OperationView> last = grant.resizeStep().flatMap(operations::get);
        // What was to come and is not wanted any more needs not come first.
        if (last.isPresent() && !(ends && last.get().kind() == OperationKind.GRANT_CREATE)) {
            OperationView.OperationError error = last.get().error();
            if (!last.get().done()) {
                return;
            }
            if (error != null) {
                fail(grant, new Failure(error.code(), error.detail()));
                return;
            }
        }
        grant.waitFor(null);
        switch (ResizePolicy.plan(devices(grant), whole(wanted.get()))) {
            case Plan.Add add ->
                    grant.waitFor(
                            creation.createPart(
                                            TimeOrderedId.at(clock.instant()),
                                            grant,
                                            add.bytes(),
                                            only)
                                    .id());
            case Plan.Leave leave -> grant.waitFor(release.begin(leave.devices().getFirst()).id());
            case Plan.Done _ -> arrive(grant, wanted.get());
            case Plan.Unreachable no -> fail(grant, no.failure());
        }
    }

    private void arrive(GrantEntity grant, long bytes) {
        grant.arrive(clock.instant());
        if (bytes == 0) {
            lives.apply(grant, new GrantEvent.ReleaseRequested());
            return;
        }
        List<GrantEntity> all = new ArrayList<>(List.of(grant));
        all.addAll(parts(grant));
        all.forEach(device -> device.setRequestedBytes(device.sizeBytes()));
        GrantEntity newest = all.getLast();
        newest.setRequestedBytes(newest.sizeBytes() - (whole(bytes) - bytes));
        operations.succeed(grant.id(), OperationKind.GRANT_RESIZE);
        tell(grant, "grant_resized", "has " + whole(bytes) + " bytes.");
    }

    private void fail(GrantEntity grant, Failure failure) {
        OperationKind kind =
                grant.wantedBytes().equals(Optional.of(0L))
                        ? OperationKind.GRANT_RELEASE
                        : OperationKind.GRANT_RESIZE;
        grant.arrive(clock.instant());
        operations.fail(grant.id(), kind, failure.code(), failure.detail());
        tell(grant, "grant_resize_failed", "stays as it is: " + failure.code() + ".");
    }

    private void tell(GrantEntity grant, String type, String what) {
        events.add(
                NewEvent.of(type, "Grant " + grant.id() + " " + what)
                        .grant(grant.id(), grant.vmId())
                        .host(grant.borrowerId()));
    }

    private List<GrantEntity> parts(GrantEntity grant) {
        return grants.findByPartOfInOrderById(List.of(grant.id())).stream()
                .filter(GrantEntity::holds)
                .toList();
    }

    private List<Device> devices(GrantEntity grant) {
        List<Device> devices = new ArrayList<>();
        devices.add(new Device(grant.id(), grant.sizeBytes()));
        parts(grant).forEach(part -> devices.add(new Device(part.id(), part.sizeBytes())));
        return devices;
    }

    private static long whole(long bytes) {
        long region = FabricLimits.REGION.bytes();
        return Math.ceilDiv(bytes, region) * region;
    }
}
