package io.memfabric.broker.invariant;

import io.memfabric.broker.database.Duties;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Holds the ledger against its rules every minute. A breach is an event when it is first seen, a
/// count in the metric `memfabric.ledger.breaches`, and the detail of the health component `invariants`
/// for as long as it is there. It stops nothing: who could decide what to give up is a person.
@Component("invariantsHealthIndicator")
class InvariantWatch implements HealthIndicator {

    private static final System.Logger LOG = System.getLogger(InvariantWatch.class.getName());

    private static final String DUTY = "invariants";

    private final Invariants invariants;
    private final Ledger ledger;
    private final Events events;
    private final Duties duties;
    private volatile List<Breach> seen = List.of();

    InvariantWatch(
            Invariants invariants,
            Ledger ledger,
            Events events,
            Duties duties,
            MeterRegistry metrics) {
        this.invariants = invariants;
        this.ledger = ledger;
        this.events = events;
        this.duties = duties;
        metrics.gauge("memfabric.ledger.breaches", this, watch -> watch.seen.size());
    }

    @Scheduled(fixedDelayString = "PT1M", initialDelayString = "PT1M")
    synchronized void look() {
        if (!duties.take(DUTY)) {
            seen = List.of();
            return;
        }
        Set<Breach> known = new HashSet<>(seen);
        List<Breach> now = invariants.breaches();
        List<Breach> added = now.stream().filter(breach -> !known.contains(breach)).toList();
        if (!added.isEmpty()) {
            added.forEach(breach -> LOG.log(Level.ERROR, "the ledger is wrong: {0}", breach));
            ledger.run(() -> added.forEach(this::tell));
        }
        seen = now;
    }

    private void tell(Breach breach) {
        events.add(
                NewEvent.of(
                        "ledger_breach",
                        "%s: %s %s".formatted(breach.rule(), breach.subject(), breach.detail())));
    }

    @Override
    public Health health() {
        List<Breach> now = seen;
        return now.isEmpty()
                ? Health.up().build()
                : Health.down().withDetail("breaches", now).build();
    }
}
