package io.memfabric.agent.policy;

import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;

/// Tells a balloon that is slow from one that does not move, as squeezed does: 5 s without progress
/// and the VM is left out of the round, 20 s and it is flagged. Refusing never pays: its target
/// stands meanwhile, and then becomes what it has.
final class StallDetector {

    static final Duration LEFT_OUT = Duration.ofSeconds(5);
    static final Duration FLAGGED = Duration.ofSeconds(20);

    /// A balloon this near to its target has arrived.
    private static final long NEAR = MemorySize.ofMib(1).bytes();

    private StallDetector() {}

    /// How an inflation goes.
    enum Progress {
        ARRIVED,
        MOVING,
        LEFT_OUT,
        FLAGGED
    }

    /// An inflation under way.
    ///
    /// @param targetBytes what the guest is to come down to
    /// @param lastBytes the balloon when it last came nearer
    /// @param lastProgress when that was
    record Inflation(long targetBytes, long lastBytes, Duration lastProgress) {

        Inflation observed(long balloonBytes, Duration now) {
            return balloonBytes < lastBytes ? new Inflation(targetBytes, balloonBytes, now) : this;
        }
    }

    static Progress of(Inflation under, long balloonBytes, Duration now) {
        if (balloonBytes <= under.targetBytes() + NEAR) {
            return Progress.ARRIVED;
        }
        Duration still = now.minus(under.lastProgress());
        if (still.compareTo(FLAGGED) >= 0) {
            return Progress.FLAGGED;
        }
        return still.compareTo(LEFT_OUT) >= 0 ? Progress.LEFT_OUT : Progress.MOVING;
    }
}
