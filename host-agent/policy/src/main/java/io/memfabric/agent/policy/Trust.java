package io.memfabric.agent.policy;

import io.memfabric.agent.policy.VmMemory.Usable;
import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How far a guest's words are believed: they are held against what the host sees. Only what cannot
/// be true counts, said again in several reports: a guest's page cache and pages that it freed after
/// use lie in host memory as well, and a busy guest reports late. A guest that was caught is not
/// believed for an hour: it gets its memory back, and nothing is taken from it.
///
/// @param doubtedUntil until when it is not believed, or null
/// @param oddity what was wrong with its last report, or null
/// @param doubts odd reports in a row; one alone can be a matter of timing
/// @param saidBytes what it last said
/// @param saidAt when it said so
/// @param saidSince when it first said so
/// @param balloonThen its balloon once that had been seen to come to rest
/// @param hollowSince since when its balloon frees nothing, or null
record Trust(
        @Nullable Duration doubtedUntil,
        @Nullable Oddity oddity,
        int doubts,
        long saidBytes,
        Duration saidAt,
        Duration saidSince,
        long balloonThen,
        @Nullable Duration hollowSince) {

    private static final Duration NEVER = Duration.ofDays(-365);

    static final Trust FULL = new Trust(null, null, 0, -1, NEVER, NEVER, 0, null);

    private static final Duration PENANCE = Duration.ofHours(1);
    private static final int ENOUGH = 3;
    private static final long SLACK = MemorySize.ofMib(64).bytes();

    /// Two looks at the same report, which differ by what clocks do.
    private static final Duration SAME_REPORT = Duration.ofMillis(150);

    /// A guest tells its new figure while its balloon is still on the way; the host sees the new size
    /// only when it has arrived, and an idle guest's figure stays from then on.
    private static final Duration SIZE_FOLLOWS = Duration.ofSeconds(3);

    /// A host needs a moment to take freed pages out of a process.
    private static final Duration HOLLOW = Duration.ofSeconds(30);

    /// What cannot be true.
    enum Oddity {
        MORE_THAN_IT_HAS("it says that it could use more than it has"),
        FROZEN("its figure stays to the byte while its balloon moves"),
        HOLLOW("its balloon holds memory that the host does not get");

        private final String words;

        Oddity(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    boolean isDoubted(Duration now) {
        return doubtedUntil != null && now.compareTo(doubtedUntil) < 0;
    }

    /// Whether its last report alone is no ground to take anything on.
    boolean isImpossible() {
        return oddity == Oddity.MORE_THAN_IT_HAS;
    }

    /// @param largest the largest balloon that the words can belong to
    Trust observed(VmMemory vm, long largest, Duration now) {
        boolean frees = vm.residentBytes() <= largest + Math.max(2 * SLACK, largest / 4);
        Duration hollow = frees ? null : hollowSince == null ? now : hollowSince;
        if (hollow != null && now.minus(hollow).compareTo(HOLLOW) >= 0) {
            return new Trust(
                    now.plus(PENANCE),
                    Oddity.HOLLOW,
                    0,
                    saidBytes,
                    saidAt,
                    saidSince,
                    balloonThen,
                    hollow);
        }
        Usable usable = vm.usable();
        Duration at = usable == null ? saidAt : now.minus(usable.age());
        if (usable == null || at.minus(saidAt).compareTo(SAME_REPORT) < 0) {
            return new Trust(
                    doubtedUntil,
                    oddity,
                    doubts,
                    saidBytes,
                    saidAt,
                    saidSince,
                    balloonThen,
                    hollow);
        }
        boolean same = usable.bytes() == saidBytes;
        Duration since = same ? saidSince : at;
        boolean rests = same && at.minus(since).compareTo(SIZE_FOLLOWS) > 0;
        long then = rests ? balloonThen : vm.balloonBytes();
        Oddity odd =
                usable.bytes() > largest
                        ? Oddity.MORE_THAN_IT_HAS
                        : rests && Math.abs(then - vm.balloonBytes()) > SLACK
                                ? Oddity.FROZEN
                                : null;
        int inARow = odd == null ? 0 : Math.min(ENOUGH, doubts + 1);
        return new Trust(
                inARow == ENOUGH ? now.plus(PENANCE) : doubtedUntil,
                odd == null && isDoubted(now) ? oddity : odd,
                inARow,
                usable.bytes(),
                at,
                since,
                then,
                hollow);
    }
}
