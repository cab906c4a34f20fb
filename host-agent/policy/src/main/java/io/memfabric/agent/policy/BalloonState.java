package io.memfabric.agent.policy;

import io.memfabric.agent.policy.StallDetector.Inflation;
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

    /// Statistics are a little older than the look that first saw them, but not older than the look
    /// before. The size that was seen then is not below the one that they belong to.
    private static final Duration LAG = Duration.ofMillis(200);

    /// One VM's past.
    ///
    /// @param sizes the balloon's changes of size in the last seconds, oldest first
    /// @param relievedAt when it last got memory back, or null
    /// @param inflation the inflation under way, or null
    /// @param heldUntil until when nothing is taken because it did not follow, or null
    /// @param set what is known of its working set
    /// @param distress how its kernel has fared lately
    /// @param trust how far its words are believed
    record Vm(
            List<Size> sizes,
            @Nullable Duration relievedAt,
            @Nullable Inflation inflation,
            @Nullable Duration heldUntil,
            WorkingSet set,
            Distress distress,
            Trust trust) {

        static final Vm NEW =
                new Vm(
                        List.of(),
                        null,
                        null,
                        null,
                        WorkingSet.unknown(),
                        Distress.NONE,
                        Trust.FULL);

        Vm relieved(Duration now) {
            return new Vm(sizes, now, null, heldUntil, set, distress, trust);
        }

        Vm inflating(@Nullable Inflation under) {
            return new Vm(sizes, relievedAt, under, heldUntil, set, distress, trust);
        }

        Vm held(Duration until) {
            return new Vm(sizes, relievedAt, null, until, set, distress, trust);
        }

        Vm knowing(WorkingSet now) {
            return new Vm(sizes, relievedAt, inflation, heldUntil, now, distress, trust);
        }

        /// The largest size that statistics of that age can belong to.
        long largest(Duration age, long current, Duration now) {
            Duration since = now.minus(age).minus(LAG);
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

        /// The usable memory that is to stay with its guest.
        long keepBytes() {
            return set.stayingBytes();
        }

        /// The usable memory below which its guest is owed some.
        long owedBytes(Duration now) {
            return set.owedBytes(now);
        }

        private Vm observed(VmMemory vm, BalloonRules rules, Duration now) {
            List<Size> seen = sizes(vm.balloonBytes(), now);
            Vm next =
                    new Vm(
                            seen,
                            relievedAt,
                            inflation,
                            heldUntil,
                            set.observed(vm, rules, now),
                            distress.observed(vm.strain(), seen.getLast().at(), now),
                            trust);
            return next.trusting(
                    trust.observed(vm, next.largest(REMEMBERED, vm.balloonBytes(), now), now));
        }

        private Vm trusting(Trust now) {
            return new Vm(sizes, relievedAt, inflation, heldUntil, set, distress, now);
        }

        private List<Size> sizes(long bytes, Duration now) {
            if (sizes.size() == 1 && sizes.getLast().bytes() == bytes) {
                return sizes;
            }
            List<Size> kept = new ArrayList<>();
            for (int i = 0; i < sizes.size(); i++) {
                // The last one from before is what it had when the remembered time began.
                boolean ended =
                        i + 1 < sizes.size()
                                && now.minus(sizes.get(i + 1).at()).compareTo(REMEMBERED) > 0;
                if (!ended) {
                    kept.add(sizes.get(i));
                }
            }
            if (kept.isEmpty() || kept.getLast().bytes() != bytes) {
                kept.add(new Size(now, bytes));
            }
            return List.copyOf(kept);
        }
    }

    record Size(Duration at, long bytes) {}

    Vm of(UUID vmId) {
        return vms.getOrDefault(vmId, Vm.NEW);
    }

    /// Adds what the snapshot says, forgets VMs that are gone.
    BalloonState observed(HostSnapshot snapshot, BalloonRules rules, Duration now) {
        Map<UUID, Vm> next = HashMap.newHashMap(snapshot.vms().size());
        for (VmMemory vm : snapshot.vms()) {
            next.put(vm.vmId(), of(vm.vmId()).observed(vm, rules, now));
        }
        return new BalloonState(next);
    }

    BalloonState with(Map<UUID, Vm> changed) {
        if (changed.isEmpty()) {
            return this;
        }
        Map<UUID, Vm> next = new HashMap<>(vms);
        next.putAll(changed);
        return new BalloonState(next);
    }
}
