package io.memfabric.broker.grant;

import io.memfabric.broker.inventory.HostWords;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.lending.InventoryTaken;
import io.memfabric.broker.policy.RepairPolicy.LegHealth;
import io.memfabric.broker.policy.RepairPolicy.LegNow;
import io.memfabric.broker.settings.BrokerSettings;
import io.memfabric.contract.agent.GrantReport;
import io.memfabric.contract.agent.LegReport;
import io.memfabric.contract.region.ExportName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/// What borrowers last said of the copies of their grants. A borrower says it again with
/// every inventory, to the broker that it reports to.
@Component
class CopyReports {

    private final Inventory inventory;
    private final HostWords words;
    private final BrokerSettings settings;
    private final ConcurrentHashMap<UUID, Map<UUID, GrantReport>> said = new ConcurrentHashMap<>();

    /// What came to each borrower since then.
    private final ConcurrentHashMap<UUID, Set<Region>> joined = new ConcurrentHashMap<>();

    CopyReports(Inventory inventory, HostWords words, BrokerSettings settings) {
        this.inventory = inventory;
        this.words = words;
        this.settings = settings;
    }

    void take(InventoryTaken taken) {
        Map<UUID, GrantReport> lacking = new HashMap<>();
        for (GrantReport report : taken.inventory().grants()) {
            if (!report.legs().isEmpty()) {
                lacking.put(report.grantId(), report);
            }
        }
        said.put(taken.hostId(), Map.copyOf(lacking));
        joined.remove(taken.hostId());
        words.keep(taken.hostId(), HostWords.Topic.COPIES, new Said(List.copyOf(lacking.values())));
    }

    /// Regions came in the place of second copies. They are empty at first, whatever the borrower said
    /// before.
    void join(GrantEntity grant, List<Leg> legs) {
        joined.computeIfAbsent(grant.borrowerId(), _ -> ConcurrentHashMap.newKeySet())
                .addAll(legs.stream().map(Region::of).toList());
    }

    private record Said(List<GrantReport> lacking) {
        Map<UUID, GrantReport> byGrant() {
            return lacking.stream()
                    .collect(Collectors.toMap(GrantReport::grantId, Function.identity()));
        }
    }

    /// How the legs of a grant's device are.
    List<LegNow> judge(GrantEntity grant, List<Leg> legs) {
        Map<Region, LegReport> lacking = lacking(grant);
        Set<Region> empty = joined.getOrDefault(grant.borrowerId(), Set.of());
        return legs.stream()
                .filter(leg -> leg.use() == LegUse.HELD)
                .map(
                        leg ->
                                new LegNow(
                                        leg.extentIndex(),
                                        leg.legIndex(),
                                        health(leg, lacking, empty)))
                .toList();
    }

    private record Region(UUID bootId, long regionId, long generation) {

        static Region of(Leg leg) {
            return new Region(leg.bootId(), leg.regionId(), leg.generation());
        }

        /// A name that is none says nothing about a leg.
        static Optional<Region> of(String exportName) {
            try {
                ExportName name = ExportName.parse(exportName);
                return Optional.of(new Region(name.bootId(), name.regionId(), name.generation()));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
    }

    private Map<Region, LegReport> lacking(GrantEntity grant) {
        Map<UUID, GrantReport> all =
                words.elsewhere(grant.borrowerId(), HostWords.Topic.COPIES, Said.class)
                        .map(Said::byGrant)
                        .orElseGet(() -> said.getOrDefault(grant.borrowerId(), Map.of()));
        GrantReport report = all.get(grant.id());
        Map<Region, LegReport> lacking = new HashMap<>();
        if (report != null) {
            for (LegReport leg : report.legs()) {
                Region.of(leg.exportName()).ifPresent(region -> lacking.put(region, leg));
            }
        }
        return lacking;
    }

    private LegHealth health(Leg leg, Map<Region, LegReport> lacking, Set<Region> empty) {
        if (!leg.isLive()) {
            return LegHealth.LOST;
        }
        Region region = Region.of(leg);
        LegReport report = lacking.get(region);
        if (report == null) {
            return empty.contains(region) ? LegHealth.PARTIAL : LegHealth.WHOLE;
        }
        return switch (report.reach()) {
            case CONNECTED -> LegHealth.PARTIAL;
            case GONE -> LegHealth.LOST;
            case BROKEN ->
                    inventory.silence(leg.hostId()).compareTo(settings.lenderSilence()) < 0
                            ? LegHealth.BROKEN
                            : LegHealth.SILENT;
        };
    }
}
