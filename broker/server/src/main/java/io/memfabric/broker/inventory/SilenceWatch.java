package io.memfabric.broker.inventory;

import io.memfabric.broker.database.Duties;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Records when a host falls silent and when it is heard again. Nothing else follows from silence:
/// what a silent host lends or borrows stays as it is.
@Component
class SilenceWatch {

    private static final String DUTY = "silence";

    private final Presence presence;
    private final Ledger ledger;
    private final Events events;
    private final Duties duties;
    private final Map<UUID, Boolean> recorded = new HashMap<>();

    SilenceWatch(Presence presence, Ledger ledger, Events events, Duties duties) {
        this.presence = presence;
        this.ledger = ledger;
        this.events = events;
        this.duties = duties;
    }

    @Scheduled(fixedDelayString = "PT1S")
    synchronized void look() {
        if (!duties.take(DUTY)) {
            recorded.clear();
            return;
        }
        presence.reachability()
                .forEach(
                        (host, reachable) -> {
                            if (!reachable.equals(recorded.get(host))) {
                                ledger.run(() -> record(host, reachable));
                                recorded.put(host, reachable);
                            }
                        });
    }

    private void record(UUID host, boolean reachable) {
        duties.hold(DUTY);
        events.add(
                (reachable
                                ? NewEvent.of("host_reachable", "The host's agent is heard.")
                                : NewEvent.of(
                                        "host_unreachable",
                                        "The host's agent was not heard for "
                                                + Presence.SILENCE.toSeconds()
                                                + " s."))
                        .host(host));
    }
}
