package io.memfabric.agent.policy;

import io.memfabric.agent.policy.VmMemory.Usable;
import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How far a guest's words are believed: they are held against what the host sees. A guest that was
/// caught is not believed for an hour: it gets its memory back, and nothing is taken from it.
///
/// @param doubtedUntil until when it is not believed, or null
/// @param doubts oddities seen in a row; one alone can be a matter of timing
/// @param saidBytes what it last said
/// @param balloonThen its balloon when it first said so
record Trust(@Nullable Duration doubtedUntil, int doubts, long saidBytes, long balloonThen) {

    static final Trust FULL = new Trust(null, 0, -1, 0);

    private static final Duration PENANCE = Duration.ofHours(1);
    private static final int ENOUGH = 3;
    private static final long SLACK = MemorySize.ofMib(64).bytes();

    boolean isDoubted(Duration now) {
        return doubtedUntil != null && now.compareTo(doubtedUntil) < 0;
    }

    /// @param largest the largest balloon that the words can belong to
    Trust observed(VmMemory vm, long largest, Duration now) {
        Usable usable = vm.usable();
        if (usable == null) {
            return this;
        }
        boolean same = usable.bytes() == saidBytes;
        long then = same ? balloonThen : vm.balloonBytes();
        // A guest that can use more than it has, whose figure stays while its balloon moves, or
        // whose balloon frees nothing.
        boolean odd =
                usable.bytes() > largest
                        || (same && Math.abs(then - vm.balloonBytes()) > SLACK)
                        || vm.residentBytes() > largest + largest / 8 + 2 * SLACK;
        if (!odd) {
            return same && doubts == 0 ? this : new Trust(doubtedUntil, 0, usable.bytes(), then);
        }
        return doubts + 1 < ENOUGH
                ? new Trust(doubtedUntil, doubts + 1, usable.bytes(), then)
                : new Trust(now.plus(PENANCE), ENOUGH, usable.bytes(), then);
    }
}
