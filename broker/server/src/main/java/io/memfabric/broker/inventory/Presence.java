package io.memfabric.broker.inventory;

import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.agent.VmReport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// What the hosts last said of themselves. It lives in memory only: one report a host and second is
/// too much for a ledger and worth nothing a second later.
@Component
class Presence {

    /// A host that says nothing for this long counts as unreachable. Nothing else follows from it.
    static final Duration SILENCE = Duration.ofSeconds(5);

    private final ConcurrentHashMap<UUID, Heard> heard = new ConcurrentHashMap<>();
    private final InstantSource clock;

    private final long started = System.nanoTime();

    Presence(InstantSource clock) {
        this.clock = clock;
    }

    /// A report, when it came by the clock on the wall and by the one that never jumps.
    ///
    /// @param report names no VMs
    /// @param vms as they are now, not as they were at this report
    /// @param ours whether it came to this broker; if not, there are no VMs
    record Heard(HostReport report, HostVms vms, Instant at, long nanos, boolean ours) {
        boolean isRecent() {
            return System.nanoTime() - nanos < SILENCE.toNanos();
        }
    }

    /// Takes in a report, which names every VM or only those that changed since the one before.
    Heard hear(UUID hostId, HostReport report) {
        return heard.compute(hostId, (_, last) -> next(last, report));
    }

    private Heard next(@Nullable Heard last, HostReport report) {
        HostVms vms = last == null || !last.ours() ? new HostVms() : last.vms();
        Long since = report.since();
        if (since == null) {
            vms.hearAll(report.vms());
        } else if (last == null
                || last.report().sequence() != since
                || !last.report().bootId().equals(report.bootId())) {
            throw baseUnknown("Report " + since + " is not the last one heard; name every VM.");
        } else if (!vms.hearChanged(report.vms())) {
            throw baseUnknown("A VM is new since report " + since + "; name every VM.");
        }
        return new Heard(
                report.with(List.of(), null), vms, clock.instant(), System.nanoTime(), true);
    }

    private static Problem baseUnknown(String detail) {
        return new Problem(ProblemCode.REPORT_BASE_UNKNOWN, detail);
    }

    /// Learns that another broker has heard a host.
    void learn(UUID hostId, HostReport report, long nanos) {
        Instant at = clock.instant().minusNanos(System.nanoTime() - nanos);
        heard.merge(
                hostId,
                new Heard(report, new HostVms(), at, nanos, false),
                (known, learned) -> known.nanos() - learned.nanos() < 0 ? learned : known);
    }

    /// What the hosts that report to this broker last said.
    Map<UUID, Heard> ours() {
        Map<UUID, Heard> ours = new HashMap<>();
        heard.forEach(
                (id, last) -> {
                    if (last.ours()) {
                        ours.put(id, last);
                    }
                });
        return ours;
    }

    /// How many hosts were heard lately, by whichever broker.
    long recent() {
        return heard.values().stream().filter(Heard::isRecent).count();
    }

    /// How many of them report to this broker.
    long oursRecent() {
        return heard.values().stream().filter(last -> last.ours() && last.isRecent()).count();
    }

    void forget(UUID hostId) {
        heard.remove(hostId);
    }

    Optional<Heard> of(UUID hostId) {
        return Optional.ofNullable(heard.get(hostId));
    }

    boolean isReachable(UUID hostId) {
        Heard last = heard.get(hostId);
        return last != null && last.isRecent();
    }

    /// For how long a host has said nothing; one that was never heard, since the broker started.
    Duration silence(UUID hostId) {
        Heard last = heard.get(hostId);
        return Duration.ofNanos(System.nanoTime() - (last == null ? started : last.nanos()));
    }

    /// Every host that was heard since the broker started, and whether it is reachable.
    Map<UUID, Boolean> reachability() {
        Map<UUID, Boolean> all = new HashMap<>();
        heard.forEach((id, last) -> all.put(id, last.isRecent()));
        return all;
    }

    /// What every host that was heard lately said of its memory.
    Map<UUID, MemoryReport> memoryOfHeard() {
        Map<UUID, MemoryReport> memory = new HashMap<>();
        heard.forEach(
                (id, last) -> {
                    if (last.isRecent()) {
                        memory.put(id, last.report().memory());
                    }
                });
        return memory;
    }

    /// Does something with these VMs of the hosts that were heard lately.
    void forEachVm(Predicate<UUID> which, Consumer<VmReport> what) {
        heard.values().stream()
                .filter(Heard::isRecent)
                .forEach(last -> last.vms().forEach(which, what));
    }
}
