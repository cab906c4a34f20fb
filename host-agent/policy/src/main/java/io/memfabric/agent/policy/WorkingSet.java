package io.memfabric.agent.policy;

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
/// @param unheardBytes what stays more while the guest's daemon is not heard
/// @param heardAt when the daemon was heard last, or the guest first seen
/// @param driftedAt when it last needed a little more
/// @param hurtAt when it last hurt
/// @param probeAt from when less may be tried
/// @param backOff how long nothing less is tried after it hurts
record WorkingSet(
        long keepBytes,
        long hurtBytes,
        long surgeBytes,
        long unheardBytes,
        Duration heardAt,
        Duration driftedAt,
        Duration hurtAt,
        Duration probeAt,
        Duration backOff) {

    static final Duration SHORTEST_BACK_OFF = Duration.ofMinutes(10);
    static final Duration LONGEST_BACK_OFF = Duration.ofMinutes(60);

    private static final Duration NEVER = Duration.ofDays(-365);

    /// What a guest uses goes up and down by a little all the time.
    private static final Duration BREATH = Duration.ofSeconds(60);

    private static final Duration CALM = Duration.ofSeconds(30);

    /// While cache is read back in, refaults go on without anything being wrong.
    private static final Duration HEALING = Duration.ofSeconds(20);

    /// A daemon needs a moment to be heard again after its agent has started anew; until then no
    /// guest is given memory back only because it is silent.
    private static final Duration TIME_TO_BE_HEARD = Duration.ofSeconds(10);

    /// Nothing is known yet.
    static WorkingSet unknown() {
        return new WorkingSet(0, 0, 0, 0, NEVER, NEVER, NEVER, NEVER, SHORTEST_BACK_OFF);
    }

    /// With what the rules want at least.
    WorkingSet observed(VmMemory vm, BalloonRules rules, Duration now) {
        return new WorkingSet(
                Math.max(keepBytes, rules.leastUsable(vm)),
                hurtBytes,
                surgeBytes,
                BalloonRules.unheard(vm),
                vm.strain() != null || heardAt.isNegative() ? now : heardAt,
                driftedAt,
                hurtAt,
                probeAt,
                backOff);
    }

    /// The usable memory that is to stay with its guest.
    long stayingBytes() {
        return keepBytes + surgeBytes + unheardBytes;
    }

    /// The usable memory below which its guest is owed some.
    long owedBytes(Duration now) {
        boolean isSilent = now.minus(heardAt).compareTo(TIME_TO_BE_HEARD) > 0;
        return keepBytes + surgeBytes + (isSilent ? unheardBytes : 0);
    }

    /// It needs a little more than it did.
    WorkingSet drifted(Duration now) {
        return new WorkingSet(
                keepBytes,
                hurtBytes,
                surgeBytes,
                unheardBytes,
                heardAt,
                now,
                hurtAt,
                probeAt,
                backOff);
    }

    /// Whether so little would only have to be given back in a moment.
    boolean breathes(VmMemory vm, long idleBytes, Duration now) {
        return idleBytes < 2 * BalloonRules.margin(vm)
                && now.minus(driftedAt).compareTo(BREATH) < 0;
    }

    /// Whether what hurt last is being read back in.
    boolean heals(Duration now) {
        return now.minus(hurtAt).compareTo(HEALING) <= 0;
    }

    /// After a harvest that hurt: more stays, and nothing less is tried for 10 to 60 minutes.
    WorkingSet hurt(VmMemory vm, long usableBytes, Duration now) {
        Duration next =
                now.minus(probeAt).compareTo(LONGEST_BACK_OFF) > 0
                        ? SHORTEST_BACK_OFF
                        : backOff.multipliedBy(2);
        if (next.compareTo(LONGEST_BACK_OFF) > 0) {
            next = LONGEST_BACK_OFF;
        }
        long most = Math.max(keepBytes, vm.ceilingBytes() / 2);
        long keep = Math.clamp(usableBytes + BalloonRules.margin(vm), keepBytes, most);
        return new WorkingSet(
                keep,
                usableBytes,
                surgeBytes,
                unheardBytes,
                heardAt,
                driftedAt,
                now,
                now.plus(next),
                next);
    }

    /// Whether a little less may be tried.
    boolean mayProbe(BalloonRules rules, VmMemory vm, Duration now) {
        return keepBytes > rules.leastUsable(vm) && now.compareTo(probeAt) >= 0;
    }

    WorkingSet probed(BalloonRules rules, VmMemory vm, Duration now) {
        long less = Math.max(rules.leastUsable(vm), keepBytes - BalloonRules.probe(vm));
        return new WorkingSet(
                less,
                hurtBytes,
                surgeBytes,
                unheardBytes,
                heardAt,
                driftedAt,
                hurtAt,
                now.plus(CALM),
                backOff);
    }

    /// A wake-up found this much less than what should have stayed.
    WorkingSet surged(long missingBytes, long ceilingBytes) {
        long surge = Math.clamp(missingBytes, surgeBytes * 7 / 8, ceilingBytes / 16);
        return new WorkingSet(
                keepBytes,
                hurtBytes,
                surge,
                unheardBytes,
                heardAt,
                driftedAt,
                hurtAt,
                probeAt,
                backOff);
    }
}
