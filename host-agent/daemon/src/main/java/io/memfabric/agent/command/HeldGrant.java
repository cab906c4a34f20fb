package io.memfabric.agent.command;

import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.DevicePlan;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.LegReplacement;
import io.memfabric.contract.vocabulary.AttachMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A grant whose device a VM here has, or may have.
///
/// @param serial the device's serial in the VM
/// @param phase how far its attachment is known to have come
/// @param plan how its device is built; null in what an agent wrote that kept no plans
record HeldGrant(
        UUID grantId,
        long epoch,
        UUID vmId,
        String serial,
        AttachMode mode,
        Phase phase,
        @Nullable AttachGrant plan) {

    HeldGrant(UUID grantId, long epoch, UUID vmId, String serial, AttachMode mode, Phase phase) {
        this(grantId, epoch, vmId, serial, mode, phase, null);
    }

    /// A grant whose attachment begins.
    static HeldGrant begun(AttachGrant plan) {
        return new HeldGrant(
                plan.grantId(),
                plan.epoch(),
                plan.vmId(),
                plan.serial(),
                plan.mode(),
                Phase.ATTACHING,
                plan);
    }

    HeldGrant {
        Objects.requireNonNull(grantId, "grantId");
        Objects.requireNonNull(vmId, "vmId");
        Objects.requireNonNull(serial, "serial");
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(phase, "phase");
    }

    enum Phase {
        /// Begun; after a crash nobody knows how far it came.
        ATTACHING,
        /// The VM uses it.
        ATTACHED
    }

    /// The same grant with other legs in its plan. Legs that the plan does not have are passed by: they
    /// were replaced before.
    HeldGrant withLegs(List<LegReplacement> replacements) {
        AttachGrant before = plan;
        if (before == null) {
            return this;
        }
        List<ExtentPlan> extents = new ArrayList<>(before.extents());
        for (LegReplacement replacement : replacements) {
            ExtentPlan extent = extents.get(replacement.extent());
            List<LegPlan> legs =
                    extent.legs().stream()
                            .map(
                                    leg ->
                                            leg.exportName().equals(replacement.lost())
                                                    ? replacement.leg()
                                                    : leg)
                            .toList();
            extents.set(replacement.extent(), new ExtentPlan(extent.index(), legs));
        }
        AttachGrant changed =
                new AttachGrant(
                        before.commandId(),
                        before.grantId(),
                        before.epoch(),
                        before.vmId(),
                        before.serial(),
                        before.mode(),
                        before.sizeBytes(),
                        extents,
                        before.tenantId());
        return new HeldGrant(grantId, epoch, vmId, serial, mode, phase, changed);
    }

    /// How its device is built, or null where the VM does not have it yet or nobody knows.
    @Nullable DevicePlan description() {
        AttachGrant built = plan;
        return built == null || phase != Phase.ATTACHED
                ? null
                : new DevicePlan(serial, mode, built.extents());
    }

    HeldGrant attached() {
        return new HeldGrant(grantId, epoch, vmId, serial, mode, Phase.ATTACHED, plan);
    }
}
