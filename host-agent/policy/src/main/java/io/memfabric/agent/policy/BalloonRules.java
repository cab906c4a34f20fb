package io.memfabric.agent.policy;

import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;

/// The bounds within which balloons move.
///
/// @param floor the memory that a VM always keeps
/// @param headroom the usable memory that a guest keeps beyond what it uses
/// @param step the most that is taken at once
public record BalloonRules(MemorySize floor, MemorySize headroom, MemorySize step) {

    private static final Duration STALE_AFTER = Duration.ofSeconds(5);

    public BalloonRules {
        if (step.isZero() || headroom.isZero()) {
            throw new IllegalArgumentException("step and headroom must be larger than zero");
        }
    }

    /// Statistics older than this say nothing about a guest any more.
    Duration staleAfter() {
        return STALE_AFTER;
    }

    /// Usable memory below which a guest gets memory back at once.
    long lowWaterBytes() {
        return headroom.bytes() / 2;
    }
}
