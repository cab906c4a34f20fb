package io.memfabric.broker.recall;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.TimeOrderedId;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.grant.GrantRecall;
import io.memfabric.broker.inventory.HostRow;
import io.memfabric.broker.inventory.HostShort;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.inventory.RegionCounts;
import io.memfabric.broker.policy.RecallPolicy;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Sees to it that hosts get their memory back. A recall lowers what its host may offer; every
/// second, whatever of its lent regions is above that is set in motion, until the host has said that
/// it offers no more than it may. All that it needs is in the ledger.
@Component
class Recalls {

    private static final System.Logger LOG = System.getLogger(Recalls.class.getName());
    private static final long REGION = FabricLimits.REGION.bytes();

    /// How soon a host that is short needs its memory back, and for how long it is then kept from
    /// lending it again.
    private static final Duration SHORTAGE = Duration.ofSeconds(5);

    private static final Duration DRAIN = Duration.ofHours(1);
    private static final Duration WITHOUT_END = Duration.ofDays(36_500);

    private final RecallRows rows;
    private final GrantRecall grants;
    private final Inventory inventory;
    private final Ledger ledger;
    private final Events events;
    private final InstantSource clock;

    Recalls(
            RecallRows rows,
            GrantRecall grants,
            Inventory inventory,
            Ledger ledger,
            Events events,
            InstantSource clock) {
        this.rows = rows;
        this.grants = grants;
        this.inventory = inventory;
        this.ledger = ledger;
        this.events = events;
        this.clock = clock;
    }

    /// Begins a recall in the transaction at hand.
    Recall open(Recall recall) {
        rows.add(recall);
        events.add(
                NewEvent.of(
                                "recall_began",
                                "The host may offer %d of its %d regions; %s, until %s."
                                        .formatted(
                                                recall.keepRegions(),
                                                recall.foundRegions(),
                                                recall.reason(),
                                                recall.deadline()))
                        .host(recall.hostId()));
        return recall;
    }

    /// A recall that has just begun.
    ///
    /// @param keepRegions what the host may go on offering
    Recall fresh(UUID id, HostRow host, Recall.Reason reason, int keepRegions, Duration deadline) {
        Instant now = clock.instant();
        int found = host.regions().offered();
        Duration hold =
                switch (reason) {
                    case OPERATOR -> Duration.ofMinutes(10);
                    case SHORTAGE -> Duration.ofSeconds(30);
                    case DRAIN -> WITHOUT_END;
                };
        return new Recall(
                id,
                host.id(),
                reason,
                Math.max(0, found - keepRegions) * REGION,
                keepRegions,
                found,
                Recall.State.OPEN,
                now.plus(deadline),
                now.plus(deadline).plus(hold),
                null,
                null,
                false,
                now,
                null);
    }

    /// A host that lends more than it can go on lending. While its recall is open, it only says so
    /// again.
    @EventListener
    void on(HostShort said) {
        int keep =
                (int)
                        (Math.max(0, said.memory().lentBytes() - said.memory().shortBytes())
                                / REGION);
        UUID began =
                ledger.change(
                        () -> {
                            HostRow host = inventory.host(said.hostId()).orElseThrow();
                            Integer bound = host.keepRegions();
                            if (bound != null && bound <= keep) {
                                return host.id();
                            }
                            replaceOpen(host.id());
                            return open(fresh(
                                            TimeOrderedId.at(clock.instant()),
                                            host,
                                            Recall.Reason.SHORTAGE,
                                            keep,
                                            SHORTAGE))
                                    .id();
                        });
        if (!began.equals(said.hostId())) {
            advance(began);
        }
    }

    /// Ends the open recall of a host, because a further one takes its place, in the transaction at
    /// hand.
    void replaceOpen(UUID hostId) {
        rows.lockOpenAt(hostId)
                .ifPresent(open -> rows.become(open, Recall.State.ENDED, clock.instant()));
    }

    @Scheduled(fixedDelayString = "PT1S")
    synchronized void look() {
        for (UUID host : rows.toDrain()) {
            ledger.run(() -> drain(host));
        }
        for (Recall recall : rows.over(clock.instant())) {
            ledger.run(() -> rows.become(recall, Recall.State.ENDED, clock.instant()));
        }
        for (Recall recall : rows.open()) {
            try {
                advance(recall.id());
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "recall " + recall.id() + " goes on later", e);
            }
        }
    }

    private void drain(UUID hostId) {
        Optional<HostRow> host = inventory.host(hostId);
        if (host.isEmpty()) {
            return; // It was taken out of the fabric a moment ago.
        }
        replaceOpen(hostId);
        open(fresh(TimeOrderedId.at(clock.instant()), host.get(), Recall.Reason.DRAIN, 0, DRAIN));
    }

    /// Carries an open recall on: sets in motion what is missing, and sees whether it is done.
    void advance(UUID id) {
        @Nullable Recall recall =
                ledger.change(() -> rows.lockOpen(id).map(this::look)).orElse(null);
        if (recall == null) {
            return;
        }
        GrantRecall.Begun begun =
                grants.begin(
                        recall.hostId(),
                        recall.keepRegions(),
                        RecallPolicy.Time.at(
                                clock.instant(), recall.createdAt(), recall.deadline()));
        if (!begun.plan().steps().isEmpty() || begun.plan().missing() > 0) {
            String problem =
                    begun.unplaced() + begun.plan().missing() == 0
                            ? null
                            : "%d regions find no place elsewhere, %d wait for their grant"
                                    .formatted(begun.unplaced(), begun.plan().missing());
            ledger.run(() -> rows.note(id, begun.because(), problem));
        }
    }

    /// @return null where it is done
    private @Nullable Recall look(Recall recall) {
        Instant now = clock.instant();
        HostRow host = inventory.host(recall.hostId()).orElseThrow();
        if (isBack(host, recall.keepRegions())) {
            rows.become(recall, Recall.State.DONE, now);
            events.add(
                    NewEvent.of(
                                    recall.reason() == Recall.Reason.DRAIN
                                            ? "host_drained"
                                            : "recall_done",
                                    "The host has back what was recalled, %d ms after it began."
                                            .formatted(
                                                    Duration.between(recall.createdAt(), now)
                                                            .toMillis()))
                            .host(recall.hostId()));
            return null;
        }
        if (!recall.late() && now.isAfter(recall.deadline())) {
            rows.setLate(recall.id());
            events.add(
                    NewEvent.of(
                                    "recall_late",
                                    "The host does not have back what was recalled. "
                                            + (recall.problem() == null
                                                    ? "It is under way."
                                                    : recall.problem() + "."))
                            .host(recall.hostId()));
        }
        return recall;
    }

    private boolean isBack(HostRow host, int keep) {
        RegionCounts counts = host.regions();
        return counts.claimed() + counts.blocked() <= keep
                && (counts.offered() <= keep
                        || inventory
                                .memory(host.id())
                                .filter(memory -> memory.offeredBytes() <= keep * REGION)
                                .isPresent());
    }

    /// Ends a recall before it is done, in the transaction at hand; what is under way goes on.
    void end(Recall recall) {
        rows.become(recall, Recall.State.ENDED, clock.instant());
    }
}
