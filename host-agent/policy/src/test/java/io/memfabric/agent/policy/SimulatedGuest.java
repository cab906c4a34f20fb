package io.memfabric.agent.policy;

import io.memfabric.agent.policy.VmMemory.Strain;
import io.memfabric.agent.policy.VmMemory.Usable;
import java.time.Duration;
import java.util.Random;
import java.util.UUID;

/// A guest behind its balloon, as a host sees it: sizes and statistics come late, and some guests are
/// worse than that. A step is a tenth of a second.
final class SimulatedGuest {

    enum Kind {
        /// Does what it is told.
        IDEAL,
        /// Moves its balloon slowly.
        SLOW,
        /// Stops moving its balloon now and then.
        STUCK,
        /// Stops reporting now and then.
        SILENT,
        /// Says that it can use far more than it has.
        BOASTING
    }

    static final long CEILING = BalloonCases.mib(512);
    private static final long SPEED = BalloonCases.mib(24);

    /// Sizes are seen up to a second late, statistics are taken once a second.
    private static final int SIZE_LAG_STEPS = 10;

    private final UUID id;
    private final Kind kind;
    private final Random random;
    private final int statisticsPhase;
    private long used = BalloonCases.mib(60);
    private long size = CEILING;
    private long target = CEILING;
    private long reported;
    private int reportedStep = -1;
    private int lastSeenReport = -1;
    private int seenStep;
    private int sizeEventStep;
    private long shownSize = CEILING;
    private boolean impaired;
    private int step;

    SimulatedGuest(UUID id, Kind kind, Random random) {
        this.id = id;
        this.kind = kind;
        this.random = random;
        this.statisticsPhase = random.nextInt(10);
    }

    void target(long bytes) {
        target = bytes;
    }

    void use(long bytes) {
        used = bytes;
    }

    long size() {
        return size;
    }

    long usable() {
        return Math.max(0, size - used);
    }

    Kind kind() {
        return kind;
    }

    @Override
    public String toString() {
        return kind + " with " + size / 1048576 + " MiB, uses " + used / 1048576 + " MiB";
    }

    void step() {
        step++;
        if (random.nextInt(100) == 0) {
            impaired = !impaired;
        }
        moveBalloon();
        // A change is announced at most once a second.
        if (step - sizeEventStep >= SIZE_LAG_STEPS && shownSize != size) {
            shownSize = size;
            sizeEventStep = step;
        }
        if (step % 10 == statisticsPhase && !(kind == Kind.SILENT && impaired)) {
            reported = kind == Kind.BOASTING ? CEILING * 4 : usable();
            reportedStep = step;
        }
    }

    private void moveBalloon() {
        if (kind == Kind.STUCK && impaired) {
            return;
        }
        long most = kind == Kind.SLOW ? SPEED / 8 : SPEED;
        if (target > size) {
            size = Math.min(target, size + most);
        } else {
            // A guest cannot give what it uses.
            size = Math.max(Math.min(size, Math.max(target, used)), size - most);
        }
    }

    /// The guest as its host sees it, which looks once a second: statistics count as new when the
    /// host sees them, up to a second after they were taken.
    VmMemory seen() {
        if (reportedStep != lastSeenReport) {
            lastSeenReport = reportedStep;
            seenStep = step;
        }
        return new VmMemory(
                id,
                CEILING,
                shownSize,
                shownSize,
                reportedStep < 0
                        ? null
                        : new Usable(reported, Duration.ofMillis((step - seenStep) * 100L)),
                new Strain(-1, 0, 0, Duration.ZERO),
                false,
                null,
                true,
                VmMemory.Terms.USUAL,
                VmMemory.Backing.USUAL);
    }
}
