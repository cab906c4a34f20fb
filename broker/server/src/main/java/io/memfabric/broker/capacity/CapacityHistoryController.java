package io.memfabric.broker.capacity;

import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.settings.BrokerSettings;
import io.memfabric.broker.web.ListQuery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// What the fabric or a host had over time.
@RestController
class CapacityHistoryController {

    private static final long MOST_POINTS = 1500;

    /// What is chosen from where nobody asks for a step: the first that makes a readable curve.
    private static final List<Duration> STEPS =
            List.of(
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(15),
                    Duration.ofHours(1),
                    Duration.ofHours(6),
                    Duration.ofDays(1));

    private static final long READABLE_POINTS = 300;

    private final CapacityRows rows;
    private final Inventory inventory;
    private final BrokerSettings.History keep;
    private final InstantSource clock;

    CapacityHistoryController(
            CapacityRows rows, Inventory inventory, BrokerSettings settings, InstantSource clock) {
        this.rows = rows;
        this.inventory = inventory;
        this.keep = settings.history();
        this.clock = clock;
    }

    /// @param hostId null for the fabric
    record History(
            @Nullable UUID hostId,
            Instant from,
            Instant to,
            long stepSeconds,
            List<CapacityPoint> points) {}

    /// Which points are wanted.
    record HistoryQuery(
            @Nullable UUID hostId,
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable Integer step,
            @Nullable String order) {}

    @GetMapping("/api/v1/capacity/history")
    History get(HistoryQuery wanted) {
        UUID hostId = wanted.hostId();
        Instant from = wanted.from();
        Instant to = wanted.to();
        Integer step = wanted.step();
        if (hostId != null && inventory.host(hostId).isEmpty()) {
            throw Problem.notFound("host", hostId);
        }
        Instant now = clock.instant();
        Instant end = to == null || to.isAfter(now) ? now : to;
        Instant start = from == null ? end.minus(Duration.ofDays(1)) : from;
        if (!start.isBefore(end)) {
            throw invalid("from must lie before to and before now.");
        }
        Duration span = Duration.between(start, end);
        Duration width = step == null ? usual(span) : Duration.ofSeconds(step);
        if (width.toSeconds() < 60
                || width.toSeconds() % 60 != 0
                || width.compareTo(Duration.ofDays(31)) > 0) {
            throw invalid("step must be whole minutes, in seconds: 60 to 2678400.");
        }
        if (span.dividedBy(width) >= MOST_POINTS) {
            throw invalid("There are at most 1500 steps in an answer; take a longer one.");
        }
        boolean hours =
                width.toSeconds() % Duration.ofHours(1).toSeconds() == 0
                        || start.isBefore(now.minus(keep.minutes()));
        boolean descending = ListQuery.isDescending(wanted.order());
        List<CapacityPoint> points =
                rows.read(
                        new CapacityRows.Query(
                                hostId == null ? CapacityRows.FABRIC : hostId,
                                start.truncatedTo(hours ? ChronoUnit.HOURS : ChronoUnit.MINUTES),
                                end,
                                width,
                                hours));
        return new History(
                hostId, start, end, width.toSeconds(), descending ? points.reversed() : points);
    }

    private static Duration usual(Duration span) {
        return STEPS.stream()
                .filter(step -> span.dividedBy(step) <= READABLE_POINTS)
                .findFirst()
                .orElse(Duration.ofDays(31));
    }

    private static Problem invalid(String detail) {
        return new Problem(ProblemCode.INVALID_TIME_RANGE, detail);
    }
}
