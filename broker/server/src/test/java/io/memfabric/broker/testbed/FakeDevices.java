package io.memfabric.broker.testbed;

import static java.util.Objects.requireNonNull;

import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.DevicePlan;
import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.GrantReport;
import io.memfabric.contract.agent.GrantStop;
import io.memfabric.contract.agent.LegReplacement;
import io.memfabric.contract.agent.LegReport;
import io.memfabric.contract.agent.LenderWay;
import io.memfabric.contract.agent.ReplaceLegs;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The devices of a host that is not there: what is attached, with which legs, and what is said of
/// them.
final class FakeDevices {

    private final Map<UUID, GrantReport> attached = new LinkedHashMap<>();

    /// The legs of the device attached last, by export name, each with its extent.
    private final Map<String, Integer> device = new LinkedHashMap<>();

    /// How devices are built, of which somebody said so, and which of them are to be described.
    private final Map<UUID, DevicePlan> plans = new HashMap<>();

    private Set<UUID> described = Set.of();

    List<GrantReport> reports() {
        return attached.values().stream()
                .map(
                        report ->
                                new GrantReport(
                                        report.grantId(),
                                        report.epoch(),
                                        report.vmId(),
                                        report.legs(),
                                        report.ways(),
                                        report.stop(),
                                        described.contains(report.grantId())
                                                ? plans.get(report.grantId())
                                                : null))
                .toList();
    }

    /// Tells from now on how these devices are built.
    void describe(@Nullable List<UUID> grantIds) {
        described = grantIds == null ? Set.of() : Set.copyOf(grantIds);
    }

    void pretendAttached(UUID grantId, UUID vmId, @Nullable DevicePlan plan) {
        if (plan != null) {
            plans.put(grantId, plan);
        }
        attached.put(grantId, new GrantReport(grantId, 1, vmId, List.of(), List.of(), null));
    }

    void lose(UUID grantId) {
        attached.remove(grantId);
    }

    CommandResult attach(AttachGrant c) {
        attached.put(
                c.grantId(),
                new GrantReport(c.grantId(), c.epoch(), c.vmId(), List.of(), List.of(), null));
        device.clear();
        for (ExtentPlan extent : c.extents()) {
            extent.legs().forEach(leg -> device.put(leg.exportName(), extent.index()));
        }
        return CommandResult.done(c.commandId());
    }

    CommandResult detach(DetachGrant c) {
        attached.remove(c.grantId());
        return CommandResult.done(c.commandId());
    }

    /// All or none, and done again where it was done.
    CommandResult replace(ReplaceLegs c) {
        for (LegReplacement replacement : c.replacements()) {
            if (!device.containsKey(replacement.lost())
                    && !device.containsKey(replacement.leg().exportName())) {
                return CommandResult.refused(c.commandId(), "unknown_leg", replacement.lost());
            }
        }
        List<LegReport> missing = new ArrayList<>();
        for (LegReplacement replacement : c.replacements()) {
            device.remove(replacement.lost());
            device.put(replacement.leg().exportName(), replacement.extent());
            missing.add(
                    new LegReport(
                            replacement.extent(),
                            replacement.leg().exportName(),
                            LegReport.Reach.CONNECTED,
                            true,
                            FabricLimits.REGION.bytes()));
        }
        say(c.grantId(), missing);
        return CommandResult.done(c.commandId());
    }

    CommandResult drop(DropLegs c) {
        List<LegReport> gone = new ArrayList<>();
        for (DropLegs.Dropped leg : c.legs()) {
            if (!device.containsKey(leg.exportName())) {
                return CommandResult.refused(c.commandId(), "leg_unknown", leg.exportName());
            }
            if (othersLack(c.grantId(), leg)) {
                return CommandResult.refused(c.commandId(), "leg_needed", leg.exportName());
            }
            gone.add(
                    new LegReport(
                            leg.extent(),
                            leg.exportName(),
                            LegReport.Reach.GONE,
                            false,
                            FabricLimits.REGION.bytes()));
        }
        say(c.grantId(), gone);
        return CommandResult.done(c.commandId());
    }

    /// Whether it was said of the other leg that it is not whole.
    private boolean othersLack(UUID grantId, DropLegs.Dropped leg) {
        return requireNonNull(attached.get(grantId)).legs().stream()
                .anyMatch(
                        said ->
                                said.extent() == leg.extent()
                                        && !said.exportName().equals(leg.exportName())
                                        && device.containsKey(said.exportName()));
    }

    /// The export names of the legs that the device of the grant attached last has, at a lender.
    List<String> legsAt(UUID bootId) {
        return device.keySet().stream()
                .filter(name -> ExportName.parse(name).bootId().equals(bootId))
                .toList();
    }

    /// Says from now on that these legs are not whole.
    void say(UUID grantId, List<LegReport> legs) {
        GrantReport old = requireNonNull(attached.get(grantId));
        attached.put(
                grantId,
                new GrantReport(grantId, old.epoch(), old.vmId(), legs, old.ways(), old.stop()));
    }

    /// Says from now on over what the lenders of a grant are reached.
    void sayWays(UUID grantId, List<LenderWay> ways) {
        GrantReport old = requireNonNull(attached.get(grantId));
        attached.put(
                grantId,
                new GrantReport(grantId, old.epoch(), old.vmId(), old.legs(), ways, old.stop()));
    }

    /// Says from now on that the device of a grant serves no more, or with null that it serves.
    void sayStopped(UUID grantId, @Nullable String code) {
        GrantReport old = requireNonNull(attached.get(grantId));
        GrantStop stop = code == null ? null : new GrantStop(code, "said by the test");
        attached.put(
                grantId,
                new GrantReport(grantId, old.epoch(), old.vmId(), old.legs(), old.ways(), stop));
    }

    /// Says from now on of every leg at a lender that it is not whole.
    void say(UUID grantId, UUID bootId, LegReport.Reach reach) {
        List<LegReport> legs = legsAt(bootId).stream().map(name -> broken(name, reach)).toList();
        say(grantId, legs);
    }

    private LegReport broken(String name, LegReport.Reach reach) {
        return new LegReport(requireNonNull(device.get(name)), name, reach, false, 4096);
    }
}
