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
        words.keep(taken.hostId(), HostWords.Topic.COPIES, new Said(List.copyOf(lacking.values())));
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
        return legs.stream()
                .filter(leg -> leg.use() == LegUse.HELD)
                .map(leg -> new LegNow(leg.extentIndex(), leg.legIndex(), health(leg, lacking)))
                .toList();
    }

    private record Region(UUID bootId, long regionId, long generation) {

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

    private LegHealth health(Leg leg, Map<Region, LegReport> lacking) {
        if (!leg.isLive()) {
            return LegHealth.LOST;
        }
        LegReport report = lacking.get(new Region(leg.bootId(), leg.regionId(), leg.generation()));
        if (report == null) {
            return LegHealth.WHOLE;
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
