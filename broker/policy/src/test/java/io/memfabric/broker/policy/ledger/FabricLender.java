package io.memfabric.broker.policy.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.policy.RegionTable;
import io.memfabric.broker.policy.GrantAction;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.region.ExportName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// A lender as it really is: the table that judges in the agent, without memory. It knows no command
/// again that it has carried out before, so whatever comes twice is judged twice.
final class FabricLender {

    private static final String CAPABILITY = "0".repeat(32);
    private static final long EPOCH = 1;

    final UUID hostId;
    private int boots;
    private RegionTable table = RegionTable.empty(new UUID(0, 0));

    /// Who was let in, in each generation of each region that there ever was.
    private final Map<RegionClaim, UUID> owners = new HashMap<>();

    FabricLender(UUID hostId, int offered) {
        this.hostId = hostId;
        restart(offered);
    }

    /// Loses everything that is kept here.
    void restart(int offered) {
        table = RegionTable.empty(new UUID(hostId.getLeastSignificantBits(), ++boots));
        for (int i = 0; i < offered; i++) {
            offerOneMore();
        }
    }

    void offerOneMore() {
        table = table.withNewRegion();
    }

    /// Gives a region that nobody has back to the host.
    void offerOneLess() {
        table = table.without(table.surplus(table.size() - 1));
    }

    int offered() {
        return table.size();
    }

    TableId tableId() {
        return new TableId(hostId, table.bootId());
    }

    List<RegionReport> report() {
        return table.report();
    }

    /// Carries out what the broker asks for, and answers whether it holds.
    boolean carryOut(FabricBroker.Order order) {
        List<RegionClaim> claims = order.legs().stream().map(FabricGrant.Leg::claim).toList();
        if (order.action() instanceof GrantAction.Fence) {
            RegionTable.Fencing fencing =
                    table.beginFence(new FenceRegions(order.id(), order.grantId(), EPOCH, claims));
            table = fencing.next().endFence(fencing.cut());
            return true;
        }
        PrepareRegions prepare =
                new PrepareRegions(order.id(), order.grantId(), EPOCH, CAPABILITY, claims);
        return switch (table.prepare(prepare)) {
            case RegionTable.Preparation.Claimed claimed -> {
                table = claimed.next();
                claims.forEach(claim -> letIn(claim, order.grantId()));
                yield true;
            }
            case RegionTable.Preparation.Repeated _ -> true;
            case RegionTable.Preparation.Refused _ -> false;
        };
    }

    private void letIn(RegionClaim claim, UUID grantId) {
        assertThat(owners.put(claim, grantId)).as("%s was claimed before", claim).isNull();
    }

    /// Whether a grant reaches a region here.
    boolean admits(UUID grantId, RegionClaim claim) {
        return table.admits(
                new ExportName(
                        claim.bootId(),
                        claim.regionId(),
                        claim.generation(),
                        grantId,
                        EPOCH,
                        CAPABILITY));
    }
}
