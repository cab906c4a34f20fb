package io.memfabric.broker.inventory;

import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.VmPolicy;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What an operator wants of a VM.
record VmSpec(Memory memory) {

    static final VmSpec USUAL = new VmSpec(new Memory(0, 0, 1, true, new AutoGrow(false, 0)));

    /// Sizes in bytes; see [VmPolicy].
    record Memory(
            long floorBytes, long ceilingBytes, int weight, boolean lend, AutoGrow autoGrow) {}

    /// @param maxBytes the most that the VM may hold in grants that its host asks for; kept while
    ///     it is switched off
    record AutoGrow(boolean enabled, long maxBytes) {}

    /// What a caller sent; what is absent stays as it is.
    record Patch(@Nullable MemoryPatch memory) {}

    record MemoryPatch(
            @Nullable Long floorBytes,
            @Nullable Long ceilingBytes,
            @Nullable Integer weight,
            @Nullable Boolean lend,
            @Nullable AutoGrowPatch autoGrow) {}

    record AutoGrowPatch(@Nullable Boolean enabled, @Nullable Long maxBytes) {}

    VmSpec with(MemoryPatch patch) {
        AutoGrow grow = memory.autoGrow();
        AutoGrowPatch growPatch = patch.autoGrow();
        if (growPatch != null) {
            grow =
                    new AutoGrow(
                            or(growPatch.enabled(), grow.enabled()),
                            or(growPatch.maxBytes(), grow.maxBytes()));
        }
        return new VmSpec(
                new Memory(
                        or(patch.floorBytes(), memory.floorBytes()),
                        or(patch.ceilingBytes(), memory.ceilingBytes()),
                        or(patch.weight(), memory.weight()),
                        or(patch.lend(), memory.lend()),
                        grow));
    }

    private static <T> T or(@Nullable T wanted, T now) {
        return wanted == null ? now : wanted;
    }

    /// Refuses what makes no sense for a VM of that size.
    VmSpec checked(long maxBytes) {
        within("memory.floorBytes", memory.floorBytes(), maxBytes);
        within("memory.ceilingBytes", memory.ceilingBytes(), maxBytes);
        within(
                "memory.autoGrow.maxBytes",
                memory.autoGrow().maxBytes(),
                FabricLimits.GRANT_MAX.bytes());
        if (memory.ceilingBytes() > 0 && memory.floorBytes() > memory.ceilingBytes()) {
            throw new Problem(
                    ProblemCode.INVALID_SIZE, "memory.floorBytes is above memory.ceilingBytes.");
        }
        if (memory.weight() < 1 || memory.weight() > VmPolicy.WEIGHT_MAX) {
            throw new Problem(
                    ProblemCode.INVALID_WEIGHT,
                    "memory.weight must be 1 to " + VmPolicy.WEIGHT_MAX + ".");
        }
        if (memory.autoGrow().enabled()
                && memory.autoGrow().maxBytes() < FabricLimits.REGION.bytes()) {
            throw new Problem(
                    ProblemCode.INVALID_SIZE,
                    "memory.autoGrow.maxBytes must be one region of "
                            + FabricLimits.REGION.bytes()
                            + " at least.");
        }
        return this;
    }

    private static void within(String field, long bytes, long most) {
        if (bytes < 0 || bytes > most) {
            throw new Problem(ProblemCode.INVALID_SIZE, field + " must be 0 to " + most + ".");
        }
    }

    VmPolicy policy(UUID vmId) {
        return policy(vmId, true);
    }

    /// @param consent whether the VM's tenant lends at all
    VmPolicy policy(UUID vmId, boolean consent) {
        return new VmPolicy(
                vmId,
                memory.floorBytes(),
                memory.ceilingBytes(),
                memory.weight(),
                memory.lend() && consent,
                memory.autoGrow().enabled() ? memory.autoGrow().maxBytes() : 0);
    }
}
