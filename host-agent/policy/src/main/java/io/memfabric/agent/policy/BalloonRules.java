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
    private static final long MIB = MemorySize.ofMib(1).bytes();
    private static final long SLACK = 48 * MIB;
    private static final long DRIFT = 8 * MIB;

    private static final long HUGE_PAGE = 2 * MIB;

    /// What suits a large VM would leave a small one with nothing to give.
    private static final long SMALLEST_HEADROOM = 24 * MIB;

    public BalloonRules {
        if (step.isZero() || headroom.isZero()) {
            throw new IllegalArgumentException("step and headroom must be larger than zero");
        }
    }

    /// Statistics older than this say nothing about a guest any more.
    Duration staleAfter() {
        return STALE_AFTER;
    }

    /// The memory that a VM always keeps: what the host keeps for every VM, or what its operator
    /// wants where that is more.
    long floorBytes(VmMemory vm) {
        return Math.max(floor.bytes(), vm.terms().floorBytes());
    }

    /// The usable memory that a guest keeps at least: the headroom, a sixteenth of its memory where
    /// that is less.
    long leastUsable(VmMemory vm) {
        long scaled = Math.max(SMALLEST_HEADROOM, vm.ceilingBytes() / 16);
        return Math.min(headroom.bytes(), scaled);
    }

    /// What a guest keeps more while its daemon is not heard, since it cannot say that it suffers.
    static long unheard(VmMemory vm) {
        return vm.strain() == null ? vm.ceilingBytes() / 8 : 0;
    }

    /// Less than this is not worth a balloon's move. A small move would break huge pages up and free
    /// none of them.
    static long deadBand(VmMemory vm) {
        return vm.backing().hugePages() ? hugeStep(vm) : smallDeadBand(vm);
    }

    /// What is taken at once where huge pages back the VM: many of them, for what a guest gives in one
    /// piece lies together mostly.
    static long hugeStep(VmMemory vm) {
        return Math.clamp(vm.ceilingBytes() / 16, HUGE_PAGE, 64 * MIB) / HUGE_PAGE * HUGE_PAGE;
    }

    private static long smallDeadBand(VmMemory vm) {
        return Math.clamp(vm.ceilingBytes() / 64, 4 * MIB, 16 * MIB);
    }

    /// What stays beyond what hurt.
    static long margin(VmMemory vm) {
        return Math.clamp(vm.ceilingBytes() / 32, 8 * MIB, 40 * MIB);
    }

    /// How much less is tried at once.
    static long probe(VmMemory vm) {
        return Math.clamp(vm.ceilingBytes() / 64, 8 * MIB, 32 * MIB);
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
