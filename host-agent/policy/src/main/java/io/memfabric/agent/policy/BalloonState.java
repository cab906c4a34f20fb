package io.memfabric.agent.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the balloon policies remember from tick to tick, per VM. Times count from the agent's start
/// and never jump.
public record BalloonState(Map<UUID, Vm> vms) {

    public static final BalloonState EMPTY = new BalloonState(Map.of());

    /// Longer than statistics may be old and still count.
    private static final Duration REMEMBERED = Duration.ofSeconds(10);

    public BalloonState {
        vms = Map.copyOf(vms);
    }

    /// One VM's past.
    ///
    /// @param sizes the balloon's sizes of the last seconds, oldest first
    /// @param relievedAt when it last got memory back, or null
    /// @param inflation the inflation under way, or null
    /// @param heldUntil until when nothing is taken because it did not follow, or null
    record Vm(
            List<Size> sizes,
            @Nullable Duration relievedAt,
            @Nullable Inflation inflation,
            @Nullable Duration heldUntil) {

        static final Vm NEW = new Vm(List.of(), null, null, null);

        Vm relieved(Duration now) {
            return new Vm(sizes, now, null, heldUntil);
        }

        Vm inflating(@Nullable Inflation under) {
            return new Vm(sizes, relievedAt, under, heldUntil);
        }

        Vm held(Duration until) {
            return new Vm(sizes, relievedAt, null, until);
        }

        /// The largest size that was seen since then, the last one seen before included: it is what
        /// the VM had then.
        long largestSince(Duration since, long current) {
            long largest = current;
            long before = 0;
            for (Size size : sizes) {
                if (size.at().compareTo(since) >= 0) {
                    largest = Math.max(largest, size.bytes());
                } else {
                    before = size.bytes();
                }
            }
            return Math.max(largest, before);
        }
    }

    record Size(Duration at, long bytes) {}

    /// A target that the guest is to reach.
    ///
    /// @param lastBytes the balloon when it last came nearer
    /// @param lastProgress when that was
    record Inflation(long targetBytes, long lastBytes, Duration lastProgress) {}

    Vm of(UUID vmId) {
        return vms.getOrDefault(vmId, Vm.NEW);
    }

    /// Adds the snapshot's sizes, forgets old ones and VMs that are gone.
    BalloonState observed(HostSnapshot snapshot, Duration now) {
        Map<UUID, Vm> next = new HashMap<>();
        for (VmMemory vm : snapshot.vms()) {
            Vm past = of(vm.vmId());
            List<Size> sizes = new ArrayList<>();
            for (Size size : past.sizes()) {
                if (now.minus(size.at()).compareTo(REMEMBERED) <= 0) {
                    sizes.add(size);
                }
            }
            sizes.add(new Size(now, vm.balloonBytes()));
            next.put(
                    vm.vmId(),
                    new Vm(
                            List.copyOf(sizes),
                            past.relievedAt(),
                            past.inflation(),
                            past.heldUntil()));
        }
        return new BalloonState(next);
    }

    BalloonState with(Map<UUID, Vm> changed) {
        Map<UUID, Vm> next = new HashMap<>(vms);
        next.putAll(changed);
        return new BalloonState(next);
    }
}
