package io.memfabric.broker.capacity;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.settings.BrokerSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Looks at what hosts say every ten seconds and writes each minute when it is over. Every broker
/// writes the hosts that it heard; what it writes twice, or after another, comes out the same.
@Component
class CapacityMinutes {

    private static final Logger LOG = LoggerFactory.getLogger(CapacityMinutes.class);

    private final Inventory inventory;
    private final CapacityRows rows;
    private final Ledger ledger;
    private final BrokerSettings.History keep;
    private final InstantSource clock;

    private HeardMinute heard = new HeardMinute();
    private Instant minute;
    private boolean behind = true;

    CapacityMinutes(
            Inventory inventory,
            CapacityRows rows,
            Ledger ledger,
            BrokerSettings settings,
            InstantSource clock) {
        this.inventory = inventory;
        this.rows = rows;
        this.ledger = ledger;
        this.keep = settings.history();
        this.clock = clock;
        this.minute = clock.instant().truncatedTo(ChronoUnit.MINUTES);
    }

    @Scheduled(fixedRateString = "PT10S")
    synchronized void look() {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MINUTES);
        if (!now.equals(minute)) {
            try {
                write(minute, heard);
            } catch (DataAccessException e) {
                behind = true;
                LOG.warn("the capacity of {} could not be written: {}", minute, e.toString());
            }
            minute = now;
            heard = new HeardMinute();
        }
        heard.add(inventory.memoryOfHeard());
    }

    /// Writes a minute and, with the last one of an hour, that hour. After a start or a failure also
    /// the hours that were left behind.
    synchronized void write(Instant at, HeardMinute what) {
        HeardMinute.Mean[] means = what.means();
        Instant hour = at.truncatedTo(ChronoUnit.HOURS);
        Instant next = at.plus(Duration.ofMinutes(1));
        ledger.run(
                () -> {
                    rows.keep(at, keep.minutes(), keep.hours());
                    rows.writeHosts(at, means);
                    rows.writeFabric(at);
                    if (behind) {
                        rows.writeHours(rows.newestHour(), hour);
                    }
                    if (!next.truncatedTo(ChronoUnit.HOURS).equals(hour)) {
                        rows.writeHours(hour, next);
                    }
                });
        behind = false;
    }
}
