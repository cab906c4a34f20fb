package io.memfabric.broker.grant;

import io.memfabric.broker.policy.LenderState;
import io.memfabric.contract.agent.DevicePlan;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.GrantReport;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.region.ExportName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a borrower tells of a grant that the ledger does not know, where that is whole in itself: the
/// device serves, every copy is whole, every extent has as many of them, and each leg is a region of
/// its own that was claimed for this grant in the grant's epoch. Whether the lenders say the same is
/// another matter.
///
/// @param lenders one share for each host, boot and secret
record Evidence(
        UUID grantId,
        UUID borrowerId,
        UUID vmId,
        long epoch,
        DevicePlan plan,
        int copies,
        List<Lender> lenders,
        List<Leg> legs) {

    private static final int MOST_COPIES = 2;

    static Optional<Evidence> of(UUID borrowerId, GrantReport report) {
        DevicePlan plan = report.plan();
        if (plan == null
                || plan.extents().isEmpty()
                || report.stop() != null
                || !report.legs().isEmpty()
                || report.epoch() < 1) {
            return Optional.empty();
        }
        int copies = plan.extents().getFirst().legs().size();
        Map<Share, Lender> shares = new LinkedHashMap<>();
        List<Leg> legs = new ArrayList<>();
        for (ExtentPlan extent : plan.extents()) {
            Set<UUID> hosts = new HashSet<>(Set.of(borrowerId));
            if (extent.legs().size() != copies || copies > MOST_COPIES) {
                return Optional.empty();
            }
            for (LegPlan leg : extent.legs()) {
                ExportName name = parsed(leg);
                if (name == null
                        || !name.grantId().equals(report.grantId())
                        || name.epoch() != report.epoch()
                        || name.generation() < 1
                        || !hosts.add(leg.lenderId())) {
                    return Optional.empty();
                }
                legs.add(legOf(extent.index(), hosts.size() - 2, leg.lenderId(), name, shares));
            }
        }
        Set<Place> places = new HashSet<>();
        legs.forEach(leg -> places.add(new Place(leg.hostId(), leg.bootId(), leg.regionId())));
        return places.size() < legs.size()
                ? Optional.empty()
                : Optional.of(
                        new Evidence(
                                report.grantId(),
                                borrowerId,
                                report.vmId(),
                                report.epoch(),
                                plan,
                                copies,
                                List.copyOf(shares.values()),
                                List.copyOf(legs)));
    }

    private record Share(UUID hostId, UUID bootId, String capability) {}

    private record Place(UUID hostId, UUID bootId, long regionId) {}

    private static @Nullable ExportName parsed(LegPlan leg) {
        try {
            return ExportName.parse(leg.exportName());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static Leg legOf(
            int extent, int index, UUID hostId, ExportName name, Map<Share, Lender> shares) {
        Lender lender =
                shares.computeIfAbsent(
                        new Share(hostId, name.bootId(), name.capability()),
                        share ->
                                new Lender(
                                        shares.size(),
                                        hostId,
                                        name.bootId(),
                                        name.capability(),
                                        LenderState.READY));
        return new Leg(
                extent,
                index,
                lender.share(),
                hostId,
                name.bootId(),
                name.regionId(),
                name.generation(),
                "LIVE",
                LegUse.HELD);
    }

    /// The generations of the regions of a share.
    Map<Long, Long> generations(Lender share) {
        Map<Long, Long> generations = new LinkedHashMap<>();
        legs.stream()
                .filter(leg -> leg.share() == share.share())
                .forEach(leg -> generations.put(leg.regionId(), leg.generation()));
        return generations;
    }
}
