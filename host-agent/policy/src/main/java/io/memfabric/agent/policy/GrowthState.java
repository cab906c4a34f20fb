package io.memfabric.agent.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What [GrowthPolicy] remembers from tick to tick, per VM.
public record GrowthState(Map<UUID, Vm> vms) {

    public static final GrowthState EMPTY = new GrowthState(Map.of());

    static final Duration SHORTEST_CALM = Duration.ofSeconds(30);
    static final Duration LONGEST_CALM = Duration.ofMinutes(16);
    static final Duration SHORTEST_PAUSE = Duration.ofSeconds(15);
    static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    /// Who needs memory again so soon after giving it back gave it back too early.
    private static final Duration TOO_EARLY = Duration.ofMinutes(10);

    public GrowthState {
        vms = Map.copyOf(vms);
    }

    /// How far a request is.
    public enum Stage {
        /// The broker is to be asked.
        WANTED,
        /// The grant has memory or is to get it.
        HELD,
        /// It is to be given back.
        LEAVING
    }

    /// A grant that was asked for, named by its request.
    public record Growth(UUID requestId, long bytes, Stage stage) {

        Growth at(Stage next) {
            return new Growth(requestId, bytes, next);
        }
    }

    /// What a guest could still use, swap included, when it last said so.
    ///
    /// @param at when it said so
    /// @param fallPerSecond how many bytes of it went a second since the word before; negative where
    ///     it grew
    public record Supply(Duration at, long bytes, long fallPerSecond) {

        static final Supply UNKNOWN = new Supply(Duration.ofDays(-365), 0, 0);

        /// Closer than this a page here and there would count for much.
        private static final Duration NEWS = Duration.ofMillis(500);

        /// Words so far apart say nothing about the time between them.
        private static final Duration LONGEST = Duration.ofSeconds(10);

        Supply observed(long now, Duration saidAt) {
            Duration since = saidAt.minus(at);
            if (since.compareTo(NEWS) < 0) {
                return this;
            }
            return since.compareTo(LONGEST) > 0
                    ? new Supply(saidAt, now, 0)
                    : new Supply(saidAt, now, (bytes - now) * 1000 / since.toMillis());
        }

        /// What is likely to go in so much time.
        long goesIn(Duration time) {
            return Math.max(0, fallPerSecond) / 1000 * time.toMillis();
        }
    }

    /// One VM's past.
    ///
    /// @param growths oldest first
    /// @param supply what its guest had left
    /// @param shortSince since when its guest has been short of memory, or null
    /// @param calmSince since when it could do without its growths, or null
    /// @param calmNeeded for how long it has to, before they are given back
    /// @param returnedAt when they were given back last, or null
    /// @param notBefore until when nothing is asked for after a refusal
    /// @param pause for how long nothing is asked for after the next refusal
    public record Vm(
            List<Growth> growths,
            Supply supply,
            @Nullable Duration shortSince,
            @Nullable Duration calmSince,
            Duration calmNeeded,
            @Nullable Duration returnedAt,
            Duration notBefore,
            Duration pause) {

        static final Vm NEW =
                new Vm(
                        List.of(),
                        Supply.UNKNOWN,
                        null,
                        null,
                        SHORTEST_CALM,
                        null,
                        Duration.ZERO,
                        SHORTEST_PAUSE);

        public Vm {
            growths = List.copyOf(growths);
        }

        long heldBytes() {
            return growths.stream().mapToLong(Growth::bytes).sum();
        }

        boolean isUnderWay() {
            return growths.stream().anyMatch(growth -> growth.stage() != Stage.HELD);
        }

        Vm having(Supply next) {
            return new Vm(
                    growths, next, shortSince, calmSince, calmNeeded, returnedAt, notBefore, pause);
        }

        Vm seen(boolean isShort, boolean isCalm, Duration now) {
            return new Vm(
                    growths,
                    supply,
                    isShort ? (shortSince == null ? now : shortSince) : null,
                    isCalm ? (calmSince == null ? now : calmSince) : null,
                    calmNeeded,
                    returnedAt,
                    notBefore,
                    pause);
        }

        Vm asking(Growth growth, Duration now) {
            List<Growth> more = new ArrayList<>(growths);
            more.add(growth);
            boolean early = returnedAt != null && now.minus(returnedAt).compareTo(TOO_EARLY) < 0;
            Duration calm =
                    early
                            ? shorter(calmNeeded.multipliedBy(2), LONGEST_CALM)
                            : growths.isEmpty() ? SHORTEST_CALM : calmNeeded;
            return new Vm(more, supply, null, null, calm, null, notBefore, pause);
        }

        Vm leaving(Duration now) {
            List<Growth> leaving =
                    growths.stream().map(growth -> growth.at(Stage.LEAVING)).toList();
            return new Vm(leaving, supply, null, null, calmNeeded, now, notBefore, pause);
        }

        /// With one growth changed; gone where `change` is null.
        private Vm with(UUID requestId, @Nullable Stage stage) {
            List<Growth> changed = new ArrayList<>();
            for (Growth growth : growths) {
                if (!growth.requestId().equals(requestId)) {
                    changed.add(growth);
                } else if (stage != null) {
                    changed.add(growth.at(stage));
                }
            }
            return new Vm(
                    changed,
                    supply,
                    shortSince,
                    calmSince,
                    calmNeeded,
                    returnedAt,
                    notBefore,
                    pause);
        }

        private Vm refused(Duration now) {
            return new Vm(
                    growths,
                    supply,
                    shortSince,
                    calmSince,
                    calmNeeded,
                    returnedAt,
                    now.plus(pause),
                    shorter(pause.multipliedBy(2), LONGEST_PAUSE));
        }

        private Vm accepted() {
            return new Vm(
                    growths,
                    supply,
                    shortSince,
                    null,
                    calmNeeded,
                    returnedAt,
                    notBefore,
                    SHORTEST_PAUSE);
        }

        private static Duration shorter(Duration a, Duration b) {
            return a.compareTo(b) <= 0 ? a : b;
        }
    }

    Vm of(UUID vmId) {
        return vms.getOrDefault(vmId, Vm.NEW);
    }

    /// A VM's growths, oldest first.
    public List<Growth> growths(UUID vmId) {
        return of(vmId).growths();
    }

    /// With a growth that is known from before; a broker that knows it not will say so.
    public GrowthState remembering(UUID vmId, UUID requestId, long bytes) {
        Vm vm = of(vmId);
        List<Growth> more = new ArrayList<>(vm.growths());
        more.add(new Growth(requestId, bytes, Stage.HELD));
        return with(
                vmId,
                new Vm(
                        more,
                        vm.supply(),
                        null,
                        null,
                        vm.calmNeeded(),
                        vm.returnedAt(),
                        vm.notBefore(),
                        vm.pause()));
    }

    /// The broker has it, and the grant has memory or is to get it. That one which is held already is
    /// held still changes nothing.
    public GrowthState live(UUID vmId, UUID requestId) {
        boolean isNews =
                growths(vmId).stream()
                        .anyMatch(
                                growth ->
                                        growth.requestId().equals(requestId)
                                                && growth.stage() != Stage.HELD);
        return isNews ? with(vmId, of(vmId).with(requestId, Stage.HELD).accepted()) : this;
    }

    /// The broker has it no more.
    public GrowthState gone(UUID vmId, UUID requestId) {
        return with(vmId, of(vmId).with(requestId, null));
    }

    /// The broker does not want to make it.
    public GrowthState refused(UUID vmId, UUID requestId, Duration now) {
        return with(vmId, of(vmId).with(requestId, null).refused(now));
    }

    /// Without the VMs that are gone, but for what they still hold.
    GrowthState retaining(Set<UUID> vmIds) {
        Map<UUID, Vm> next = new HashMap<>(vms);
        next.entrySet()
                .removeIf(vm -> !vmIds.contains(vm.getKey()) && vm.getValue().growths().isEmpty());
        return next.size() == vms.size() ? this : new GrowthState(next);
    }

    GrowthState with(UUID vmId, Vm vm) {
        Map<UUID, Vm> next = new HashMap<>(vms);
        if (vm.equals(Vm.NEW)) {
            next.remove(vmId);
        } else {
            next.put(vmId, vm);
        }
        return new GrowthState(next);
    }
}
