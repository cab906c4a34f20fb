package io.memfabric.broker.grant;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.lending.InventoryTaken;
import io.memfabric.contract.agent.GrantReport;
import io.memfabric.contract.agent.LenderWay;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/// Over what borrowers last said that they reach the lenders of their grants, in memory only: they
/// say it again with every inventory. Where it is not RDMA although it could be, an event tells why.
@Component
class LegWays {

    private final GrantRepository grants;
    private final Events events;
    private final Ledger ledger;
    private final ConcurrentHashMap<UUID, Map<UUID, GrantReport>> said = new ConcurrentHashMap<>();

    LegWays(GrantRepository grants, Events events, Ledger ledger) {
        this.grants = grants;
        this.events = events;
        this.ledger = ledger;
    }

    /// The way to a lender of this grant, if its borrower said.
    Optional<LenderWay> of(GrantEntity grant, UUID lenderId) {
        return Optional.ofNullable(
                find(said.getOrDefault(grant.borrowerId(), Map.of()).get(grant.id()), lenderId));
    }

    @EventListener
    void on(InventoryTaken taken) {
        Map<UUID, GrantReport> now = new HashMap<>();
        for (GrantReport report : taken.inventory().grants()) {
            if (!report.ways().isEmpty()) {
                now.put(report.grantId(), report);
            }
        }
        @Nullable Map<UUID, GrantReport> before = said.put(taken.hostId(), Map.copyOf(now));
        for (GrantReport report : now.values()) {
            @Nullable GrantReport earlier = before == null ? null : before.get(report.grantId());
            for (LenderWay way : report.ways()) {
                LenderWay known = find(earlier, way.lenderId());
                if (way.notRdma() != null && (known == null || known.notRdma() == null)) {
                    tell(taken.hostId(), report.grantId(), way);
                }
            }
        }
    }

    private static @Nullable LenderWay find(@Nullable GrantReport report, UUID lenderId) {
        return report == null
                ? null
                : report.ways().stream()
                        .filter(way -> way.lenderId().equals(lenderId))
                        .findFirst()
                        .orElse(null);
    }

    private void tell(UUID borrowerId, UUID grantId, LenderWay way) {
        ledger.run(
                () ->
                        grants.findById(grantId)
                                .filter(grant -> grant.borrowerId().equals(borrowerId))
                                .ifPresent(
                                        grant ->
                                                events.add(
                                                        NewEvent.of(
                                                                        "leg_over_tcp",
                                                                        "Host "
                                                                                + way.lenderId()
                                                                                + " is reached"
                                                                                + " over TCP: "
                                                                                + way.notRdma())
                                                                .host(borrowerId)
                                                                .grant(grantId, grant.vmId()))));
    }
}
