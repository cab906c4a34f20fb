package io.memfabric.broker.inventory;

import io.memfabric.contract.agent.VmReport;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// The last hour of VMs, in memory only and of a bounded size: at most 4,096 of them, about 30 MiB.
/// Where there are more, those that somebody looks at take the place of those that nobody has looked
/// at for longest.
@Component
class VmHistory {

    static final int STEP_SECONDS = 10;
    private static final int MOST_VMS = 4096;

    private final Presence presence;
    private final InstantSource clock;
    private final int mostVms;
    private final Map<UUID, VmRing> rings = new HashMap<>();
    private final Set<UUID> asked = new HashSet<>();
    private final Instant[] times = new Instant[VmRing.POINTS];
    private int tick = -1;

    @Autowired
    VmHistory(Presence presence, InstantSource clock) {
        this(presence, clock, MOST_VMS);
    }

    VmHistory(Presence presence, InstantSource clock, int mostVms) {
        this.presence = presence;
        this.clock = clock;
        this.mostVms = mostVms;
    }

    /// @param usedBytes what of its memory the guest needed, or null where nobody knew
    record Point(
            Instant at,
            long balloonBytes,
            @Nullable Long usedBytes,
            long residentBytes,
            @Nullable Double pressurePercent,
            @Nullable Double refaultsPerSecond) {}

    @Scheduled(fixedRateString = "PT10S")
    synchronized void look() {
        tick++;
        times[tick % VmRing.POINTS] = clock.instant();
        makeRoom();
        presence.forEachVm(vm -> rings.size() < mostVms || rings.containsKey(vm), this::record);
        rings.values().removeIf(ring -> ring.isOver(tick));
    }

    private void record(VmReport vm) {
        rings.computeIfAbsent(vm.vmId(), _ -> new VmRing()).record(tick, vm);
    }

    private void makeRoom() {
        for (UUID vm : asked) {
            if (rings.size() >= mostVms) {
                rings.entrySet().stream()
                        .min(Comparator.comparingInt(entry -> entry.getValue().lookedAt()))
                        .map(Map.Entry::getKey)
                        .ifPresent(rings::remove);
            }
            rings.put(vm, new VmRing(tick));
        }
        asked.clear();
    }

    /// The points of a VM, the oldest first.
    synchronized List<Point> of(UUID vmId) {
        VmRing ring = rings.get(vmId);
        if (ring == null) {
            if (asked.size() < mostVms) {
                asked.add(vmId);
            }
            return List.of();
        }
        ring.look(tick);
        return ring.points(tick, times);
    }
}
