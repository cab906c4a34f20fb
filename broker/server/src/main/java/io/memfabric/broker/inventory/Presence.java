package io.memfabric.broker.inventory;

import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.agent.VmReport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
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
    record Heard(HostReport report, Map<UUID, VmReport> vms, Instant at, long nanos) {
        boolean isRecent() {
            return System.nanoTime() - nanos < SILENCE.toNanos();
        }
    }

    void hear(UUID hostId, HostReport report) {
        Map<UUID, VmReport> vms = new HashMap<>();
        report.vms().forEach(vm -> vms.put(vm.vmId(), vm));
        heard.put(hostId, new Heard(report, Map.copyOf(vms), clock.instant(), System.nanoTime()));
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
}
