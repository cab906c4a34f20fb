package io.memfabric.broker.policy.ledger;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.policy.GrantState;
import io.memfabric.broker.policy.ledger.FabricGrant.Leg;
import io.memfabric.broker.policy.ledger.FabricGrant.Use;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// What must hold in a fabric, between what its broker believes and what its hosts really have.
final class FabricRules {

    private final String seed;
    private final Map<UUID, FabricLender> lenders;
    private final FabricBroker broker;
    private final Map<UUID, List<Leg>> devices;
    private final Set<GrantState> seen = EnumSet.noneOf(GrantState.class);

    /// @param devices what each borrower really uses
    FabricRules(
            String seed,
            Map<UUID, FabricLender> lenders,
            FabricBroker broker,
            Map<UUID, List<Leg>> devices) {
        this.seed = seed;
        this.lenders = lenders;
        this.broker = broker;
        this.devices = devices;
    }

    /// The states in which grants were.
    Set<GrantState> seen() {
        return seen;
    }

    /// Whether a lender still has what it had for a leg.
    boolean isThere(Leg leg) {
        return lender(leg.table()).tableId().equals(leg.table());
    }

    /// What must never be, whatever happens.
    void check() {
        devices.forEach(
                (id, legs) -> {
                    for (Leg leg : legs) {
                        FabricLender lender = lender(leg.table());
                        hold(
                                !isThere(leg) || lender.admits(id, leg.claim()),
                                "fenced under the device",
                                leg);
                    }
                });
        Map<RegionClaim, UUID> claimed = new HashMap<>();
        for (TableId table : broker.tables()) {
            List<Region> regions = broker.regions(table);
            checkFree(table, regions);
            for (Region region : regions) {
                if (region.grantId() != null) {
                    claimed.put(
                            new RegionClaim(table.bootId(), region.regionId(), region.generation()),
                            region.grantId());
                }
            }
        }
        for (FabricGrant grant : broker.grants()) {
            seen.add(grant.life().state());
            for (Leg leg : grant.legs(Leg::live)) {
                hold(grant.id().equals(claimed.remove(leg.claim())), "a leg without a claim", leg);
            }
        }
        hold(claimed.isEmpty(), "claims without a leg", claimed);
    }

    /// What can be claimed is nobody's at its lender.
    private void checkFree(TableId table, List<Region> regions) {
        FabricLender lender = lender(table);
        if (!lender.tableId().equals(table)) {
            return;
        }
        Set<Long> free = new HashSet<>();
        for (Region region : regions) {
            if (region.state() == Region.State.FREE) {
                free.add(region.regionId());
            }
        }
        for (RegionReport real : lender.report()) {
            hold(
                    real.grantId() == null || !free.contains(real.regionId()),
                    "free in the ledger alone",
                    real);
        }
    }

    private void hold(boolean rule, String broken, Object what) {
        if (!rule) {
            throw new AssertionError(seed + ": " + broken + ": " + what);
        }
    }

    /// What serves at rest is what its borrower uses, and all of it is there.
    void checkServed(FabricGrant grant) {
        switch (grant.life().state()) {
            case ACTIVE, DEGRADED -> {
                assertThat(requireNonNull(devices.get(grant.id())).stream().map(Leg::claim))
                        .as(seed + " " + grant)
                        .containsExactlyInAnyOrderElementsOf(
                                grant.legs(leg -> leg.use() == Use.HELD).stream()
                                        .map(Leg::claim)
                                        .toList());
                assertThat(grant.legs(leg -> leg.live() && leg.use() != Use.HELD))
                        .as(seed)
                        .isEmpty();
            }
            case FAILED, RELEASED -> {
                if (!grant.life().isReleasable()) {
                    assertThat(devices).as(seed).doesNotContainKey(grant.id());
                    assertThat(grant.legs(Leg::live)).as(seed).isEmpty();
                }
            }
            default -> throw new AssertionError(seed + " does not go on: " + grant);
        }
    }

    void checkAllIsBack() {
        assertThat(devices).as(seed).isEmpty();
        assertThat(broker.grants())
                .as(seed)
                .noneMatch(grant -> grant.life().isReleasable())
                .allMatch(grant -> grant.legs(Leg::live).isEmpty());
        for (FabricLender lender : lenders.values()) {
            assertThat(lender.report()).as(seed).allMatch(region -> region.grantId() == null);
            assertThat(broker.regions(lender.tableId()))
                    .as(seed)
                    .hasSize(lender.offered())
                    .allMatch(region -> region.state() == Region.State.FREE);
        }
    }

    private FabricLender lender(TableId table) {
        return requireNonNull(lenders.get(table.hostId()));
    }
}
