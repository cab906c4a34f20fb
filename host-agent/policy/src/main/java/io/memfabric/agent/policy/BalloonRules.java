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
    private static final long SLACK = MemorySize.ofMib(48).bytes();
    private static final long DRIFT = MemorySize.ofMib(8).bytes();

    public BalloonRules {
        if (step.isZero() || headroom.isZero()) {
            throw new IllegalArgumentException("step and headroom must be larger than zero");
        }
    }

    /// Statistics older than this say nothing about a guest any more.
    Duration staleAfter() {
        return STALE_AFTER;
    }

    /// The usable memory that a guest keeps at least. One without a daemon cannot say that it
    /// suffers, and keeps an eighth of its memory more.
    long leastUsable(VmMemory vm) {
        return vm.strain() == null ? headroom.bytes() + vm.ceilingBytes() / 8 : headroom.bytes();
    }

    /// Usable memory below which a guest that should keep so much gets memory back at once.
    static long lowWater(long keepBytes) {
        return keepBytes - Math.min(SLACK, keepBytes / 2);
    }

    /// Usable memory below which it gets back what it should keep.
    static long driftWater(long keepBytes) {
        return keepBytes - Math.min(DRIFT, keepBytes / 4);
    }
}
