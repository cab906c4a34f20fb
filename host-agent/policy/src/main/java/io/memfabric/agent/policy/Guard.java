package io.memfabric.agent.policy;

import java.util.EnumSet;
import java.util.Set;

/// The safeties of the balloon policies. All are on; a test switches one off to see that its scenario
/// fails without it, as squeezed's fistpoints do.
enum Guard {
    FLOOR,
    STALENESS,
    QUIET_AFTER_RELIEF,
    NOTHING_TWICE,
    TRUST,
    STALLS,
    PROBES_GIVE_BACK;

    static final Set<Guard> ALL = Set.copyOf(EnumSet.allOf(Guard.class));

    static Set<Guard> allBut(Guard off) {
        return Set.copyOf(EnumSet.complementOf(EnumSet.of(off)));
    }
}
