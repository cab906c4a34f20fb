package io.memfabric.broker.recovery;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.inventory.HostRow;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.settings.BrokerSettings;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import java.lang.System.Logger.Level;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;

/// The state of a ledger that went back in time. It begins with whatever shows that commits were lost
/// (a host that knows a later command, a claim or a device that nobody asked for) and ends when every
/// host that is heard has sent an inventory since, and some time has passed. It is in the ledger, so
/// all brokers keep to it and a restart does not end it.
@Service
public class Recovery {

    private static final System.Logger LOG = System.getLogger(Recovery.class.getName());

    private final JdbcClient jdbc;
    private final Ledger ledger;
    private final Events events;
    private final Inventory inventory;
    private final BrokerSettings settings;
    private final InstantSource clock;

    Recovery(
            JdbcClient jdbc,
            Ledger ledger,
            Events events,
            Inventory inventory,
            BrokerSettings settings,
            InstantSource clock) {
        this.jdbc = jdbc;
        this.ledger = ledger;
        this.events = events;
        this.inventory = inventory;
        this.settings = settings;
        this.clock = clock;
    }

    /// Refuses what must wait, where the ledger is being recovered.
    ///
    /// @throws Problem `ledger_recovering`
    public void check() {
        if (isUnderWay()) {
            throw new Problem(
                    ProblemCode.LEDGER_RECOVERING,
                    "The ledger has lost commits; the hosts are asked what they hold.");
        }
    }

    public boolean isUnderWay() {
        return since().isPresent();
    }

    /// Begins a recovery, where none is under way; in a transaction of its own or the one at hand.
    public void begin(String reason) {
        ledger.run(
                () -> {
                    int begun =
                            jdbc.sql(
                                            "update ledger_identity set recovering_since = ?,"
                                                    + " recovery_reason = ?"
                                                    + " where recovering_since is null")
                                    .params(Timestamp.from(clock.instant()), reason)
                                    .update();
                    if (begun == 1) {
                        LOG.log(Level.WARNING, "the ledger has lost commits: {0}", reason);
                        events.add(NewEvent.of("ledger_recovering", reason));
                    }
                });
    }

    @Scheduled(fixedDelayString = "PT1S")
    void look() {
        Optional<Instant> since = since();
        if (since.isEmpty()
                || clock.instant().isBefore(since.get().plus(settings.recoverySettle()))) {
            return;
        }
        List<HostRow> awaited =
                inventory.hosts().stream()
                        .filter(host -> inventory.isReachable(host.id()))
                        .filter(host -> !inventory.isInQuarantine(host.id()))
                        .filter(host -> !saidWhatItHolds(host, since.get()))
                        .toList();
        if (awaited.isEmpty()) {
            ledger.run(this::end);
        }
    }

    private static boolean saidWhatItHolds(HostRow host, Instant since) {
        Instant last = host.lastReportAt();
        return last != null && last.isAfter(since);
    }

    private void end() {
        int ended =
                jdbc.sql(
                                "update ledger_identity set recovering_since = null,"
                                        + " recovery_reason = null"
                                        + " where recovering_since is not null")
                        .update();
        if (ended == 1) {
            events.add(
                    NewEvent.of(
                            "ledger_recovered",
                            "Every host that is heard has said what it holds."));
        }
    }

    private Optional<Instant> since() {
        return jdbc.sql(
                        "select recovering_since from ledger_identity where recovering_since is not null")
                .query(Timestamp.class)
                .optional()
                .map(Timestamp::toInstant);
    }
}
