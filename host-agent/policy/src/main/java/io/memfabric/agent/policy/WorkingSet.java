package io.memfabric.agent.policy;

import io.memfabric.agent.policy.VmMemory.Strain;
import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;

/// What is known of a guest's working set, as the usable memory that has to stay with it: page cache
/// that a guest reads again and again counts as usable, but taking it hurts. Known from slow probing:
/// take a little, watch refaults and stalls, keep it or give it back.
///
/// The working set lies between `hurtBytes`, where it has hurt, and `keepBytes`, where it has not;
/// the distance is the uncertainty. Stated as usable memory it moves along when programs grow.
///
/// @param keepBytes usable memory that stays
/// @param hurtBytes the usable memory with which it hurt last, 0 where it never did
/// @param surgeBytes what a wake-up lately needed before relief could come
/// @param hurtAt when it last hurt
/// @param probeAt from when less may be tried
/// @param backOff how long nothing less is tried after it hurts
/// @param heard the counters when the daemon last spoke
/// @param stallMicrosPerSecond what the guest waited lately
/// @param refaultsPerSecond pages it read again lately
record WorkingSet(
        long keepBytes,
        long hurtBytes,
        long surgeBytes,
        Duration hurtAt,
        Duration probeAt,
        Duration backOff,
        Heard heard,
        long stallMicrosPerSecond,
        long refaultsPerSecond) {

    static final Duration SHORTEST_BACK_OFF = Duration.ofMinutes(10);
    static final Duration LONGEST_BACK_OFF = Duration.ofMinutes(60);

    private static final Duration NEVER = Duration.ofDays(-365);
    private static final Duration CALM = Duration.ofSeconds(30);

    /// While cache is read back in, refaults go on without anything being wrong.
    private static final Duration HEALING = Duration.ofSeconds(20);

    private static final long PROBE = MemorySize.ofMib(32).bytes();
    private static final long MARGIN = MemorySize.ofMib(40).bytes();

    /// A stall of 0.4 %, or 100 pages a second: below the 1 % that a guest's owner would notice.
    private static final long STALL = 4_000;

    private static final long REFAULTS = 100;

    /// The counters of a daemon's report and when it came.
    record Heard(Duration at, long stallMicros, long refaultPages) {
        static final Heard NOTHING = new Heard(NEVER, 0, 0);
    }

    /// Nothing is known yet.
    static WorkingSet unknown() {
        return new WorkingSet(0, 0, 0, NEVER, NEVER, SHORTEST_BACK_OFF, Heard.NOTHING, 0, 0);
    }

    /// Takes a report's counters in. A counter that jumped back says nothing about the time between.
    WorkingSet observed(VmMemory vm, BalloonRules rules, Duration now) {
        long least = rules.leastUsable(vm);
        WorkingSet set = keepBytes >= least ? this : keeping(least);
        Strain strain = vm.strain();
        if (strain == null) {
            return set;
        }
        Duration at = now.minus(strain.age());
        long millis = at.minus(heard.at()).toMillis();
        if (millis < 200) {
            return set;
        }
        long stalled = strain.stallMicros() - heard.stallMicros();
        long refaulted = strain.refaultPages() - heard.refaultPages();
        boolean comparable =
                millis < 10_000 && stalled >= 0 && refaulted >= 0 && stalled <= millis * 2000;
        return new WorkingSet(
                set.keepBytes,
                hurtBytes,
                surgeBytes,
                hurtAt,
                probeAt,
                backOff,
                new Heard(at, strain.stallMicros(), strain.refaultPages()),
                comparable ? stalled * 1000 / millis : 0,
                comparable ? refaulted * 1000 / millis : 0);
    }

    boolean isStrained() {
        return stallMicrosPerSecond > STALL || refaultsPerSecond > REFAULTS;
    }

    /// Whether what was taken hurts, and not for reasons that are healing already.
    boolean hurts(Duration now) {
        return isStrained() && now.minus(hurtAt).compareTo(HEALING) > 0;
    }

    /// After a harvest that hurt: more stays, and nothing less is tried for 10 to 60 minutes.
    WorkingSet hurt(long usableBytes, long ceilingBytes, Duration now) {
        Duration next =
                now.minus(probeAt).compareTo(LONGEST_BACK_OFF) > 0
                        ? SHORTEST_BACK_OFF
                        : backOff.multipliedBy(2);
        if (next.compareTo(LONGEST_BACK_OFF) > 0) {
            next = LONGEST_BACK_OFF;
        }
        long most = Math.max(keepBytes, ceilingBytes / 2);
        return new WorkingSet(
                Math.clamp(usableBytes + MARGIN, keepBytes, most),
                usableBytes,
                surgeBytes,
                now,
                now.plus(next),
                next,
                heard,
                stallMicrosPerSecond,
                refaultsPerSecond);
    }

    /// Whether a little less may be tried.
    boolean mayProbe(BalloonRules rules, VmMemory vm, Duration now) {
        return keepBytes > rules.leastUsable(vm) && now.compareTo(probeAt) >= 0 && !isStrained();
    }

    WorkingSet probed(BalloonRules rules, VmMemory vm, Duration now) {
        WorkingSet less = keeping(Math.max(rules.leastUsable(vm), keepBytes - PROBE));
        return less.trying(now.plus(CALM));
    }

    /// A wake-up found this much less than what should have stayed.
    WorkingSet surged(long missingBytes, long ceilingBytes) {
        long surge = Math.clamp(missingBytes, surgeBytes * 7 / 8, ceilingBytes / 16);
        return new WorkingSet(
                keepBytes,
                hurtBytes,
                surge,
                hurtAt,
                probeAt,
                backOff,
                heard,
                stallMicrosPerSecond,
                refaultsPerSecond);
    }

    private WorkingSet keeping(long bytes) {
        return new WorkingSet(
                bytes,
                hurtBytes,
                surgeBytes,
                hurtAt,
                probeAt,
                backOff,
                heard,
                stallMicrosPerSecond,
                refaultsPerSecond);
    }

    private WorkingSet trying(Duration at) {
        return new WorkingSet(
                keepBytes,
                hurtBytes,
                surgeBytes,
                hurtAt,
                at,
                backOff,
                heard,
                stallMicrosPerSecond,
                refaultsPerSecond);
    }
}
