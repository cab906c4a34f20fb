package io.memfabric.broker.inventory;

import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.agent.VmReport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
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
    /// @param ours whether it came to this broker; if not, it names no VMs
    record Heard(HostReport report, Map<UUID, VmReport> vms, Instant at, long nanos, boolean ours) {
        boolean isRecent() {
            return System.nanoTime() - nanos < SILENCE.toNanos();
        }
    }

    /// A report with every VM, where it names only those that changed since the one before. What did
    /// not change stays the same object: a VM that is old to the garbage collector costs it nothing.
    HostReport whole(UUID hostId, HostReport report) {
        Heard last = heard.get(hostId);
        Long since = report.since();
        if (since == null) {
            return last == null ? report : report.with(shared(last.vms(), report.vms()), null);
        }
        if (last == null
                || last.report().sequence() != since
                || !last.report().bootId().equals(report.bootId())) {
            throw baseUnknown("Report " + since + " is not the last one heard; name every VM.");
        }
        Map<UUID, VmReport> changed = HashMap.newHashMap(report.vms().size());
        report.vms().forEach(vm -> changed.put(vm.vmId(), vm));
        List<VmReport> vms = new ArrayList<>(last.report().vms().size());
        for (VmReport vm : last.report().vms()) {
            VmReport now = changed.remove(vm.vmId());
            vms.add(now == null ? vm : now.sharing(vm));
        }
        if (!changed.isEmpty()) {
            throw baseUnknown("A VM is new since report " + since + "; name every VM.");
        }
        return report.with(vms, null);
    }

    private static Problem baseUnknown(String detail) {
        return new Problem(ProblemCode.REPORT_BASE_UNKNOWN, detail);
    }

    private static List<VmReport> shared(Map<UUID, VmReport> before, List<VmReport> vms) {
        return vms.stream()
                .map(
                        vm -> {
                            VmReport known = before.get(vm.vmId());
                            return known == null ? vm : vm.sharing(known);
                        })
                .toList();
    }

    void hear(UUID hostId, HostReport report) {
        Map<UUID, VmReport> vms = new HashMap<>();
        report.vms().forEach(vm -> vms.put(vm.vmId(), vm));
        heard.put(
                hostId,
                new Heard(report, Map.copyOf(vms), clock.instant(), System.nanoTime(), true));
    }

    /// Learns that another broker has heard a host.
    void learn(UUID hostId, HostReport report, long nanos) {
        Instant at = clock.instant().minusNanos(System.nanoTime() - nanos);
        heard.merge(
                hostId,
                new Heard(report, Map.of(), at, nanos, false),
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

    /// Does something with every VM of the hosts that were heard lately.
    void forEachVm(Consumer<VmReport> what) {
        heard.values().stream()
                .filter(Heard::isRecent)
                .forEach(last -> last.report().vms().forEach(what));
    }
}
