package io.memfabric.broker.grant;

import io.memfabric.broker.inventory.HostRow;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.inventory.RoundTrips;
import io.memfabric.broker.inventory.Scheduling;
import io.memfabric.broker.policy.LenderCandidate;
import io.memfabric.broker.policy.LenderState;
import io.memfabric.broker.policy.ledger.RegionLedger;
import io.memfabric.broker.policy.ledger.TableId;
import io.memfabric.broker.tenant.Tenants;
import io.memfabric.contract.agent.DataTransport;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Claims the regions of a placement: a share at each host, a leg in each region.
@Component
class Shares {

    private static final int CAPABILITY_BYTES = 16;

    /// Who wants memory back within so long is no good lender for most grants.
    private static final int STEADY_HOURS = 4;

    private final Inventory inventory;
    private final RegionLedger regions;
    private final RoundTrips roundTrips;
    private final Tenants tenants;
    private final SecureRandom random = new SecureRandom();

    Shares(Inventory inventory, RegionLedger regions, RoundTrips roundTrips, Tenants tenants) {
        this.roundTrips = roundTrips;
        this.inventory = inventory;
        this.regions = regions;
        this.tenants = tenants;
    }

    /// A leg and the host that it was placed on.
    record Place(int extentIndex, int legIndex, UUID hostId) {}

    /// @param lenders one share for each host, numbered one after the other
    record Claimed(List<Lender> lenders, List<Leg> legs) {

        /// What a share claims at its lender, in the order of the device.
        List<RegionClaim> claimsOf(int share) {
            return legs.stream().filter(leg -> leg.share() == share).map(Leg::claim).toList();
        }
    }

    /// The hosts of the fabric, for one placement.
    Map<UUID, HostRow> hosts() {
        Map<UUID, HostRow> hosts = new HashMap<>();
        inventory.hosts().forEach(host -> hosts.put(host.id(), host));
        return hosts;
    }

    /// The hosts as lenders for a VM of this borrower: those whose own VMs' tenants let it, with
    /// what the borrower measured of them.
    List<LenderCandidate> candidates(UUID vmId, UUID borrowerId, Map<UUID, HostRow> hosts) {
        Map<UUID, RoundTrips.RoundTrip> measured = roundTrips.of(borrowerId);
        Set<UUID> barred = tenants.barredFrom(vmId);
        return hosts.values().stream()
                .filter(host -> !barred.contains(host.id()))
                .map(
                        host ->
                                new LenderCandidate(
                                        host.id(),
                                        inventory.canBeAsked(host),
                                        host.mode() == HarvestMode.HARVEST,
                                        host.scheduling() == Scheduling.OPEN,
                                        host.regions().claimable(host.mayLendBytes()),
                                        host.regions().claimed(),
                                        host.domain(),
                                        roundTrip(measured.get(host.id())),
                                        steady(host)))
                .toList();
    }

    /// How many of a host's free regions its own VMs are likely to leave it for some hours, by what
    /// it forecasts beyond what it lends already.
    private long steady(HostRow host) {
        long idle =
                inventory
                        .forecast(host.id())
                        .map(forecast -> forecast.idleForBytes(STEADY_HOURS))
                        .orElse(0L);
        long lent = host.regions().claimed() * FabricLimits.REGION.bytes();
        return Math.clamp(
                (idle - lent) / FabricLimits.REGION.bytes(),
                0,
                host.regions().claimable(host.mayLendBytes()));
    }

    private static LenderCandidate.@Nullable RoundTrip roundTrip(
            RoundTrips.@Nullable RoundTrip measured) {
        return measured == null
                ? null
                : new LenderCandidate.RoundTrip(
                        measured.p99Nanos(), measured.transport() == DataTransport.RDMA);
    }

    /// Claims the regions host by host in a fixed order, so that two claims cannot wait for each
    /// other; in the transaction at hand.
    Claimed claim(UUID grantId, int firstShare, List<Place> places, Map<UUID, HostRow> hosts) {
        return claim(
                grantId,
                firstShare,
                places,
                id -> Optional.ofNullable(hosts.get(id)).map(HostRow::bootId));
    }

    /// @param tables the table of a host in which they are to be claimed
    Claimed claim(
            UUID grantId,
            int firstShare,
            List<Place> places,
            Function<UUID, Optional<UUID>> tables) {
        TreeMap<UUID, Integer> counts = new TreeMap<>();
        places.forEach(place -> counts.merge(place.hostId(), 1, Integer::sum));
        // A first share begins the grant; a later one comes to take the place of a lost one.
        boolean first = firstShare == 0;
        List<Lender> lenders = new ArrayList<>();
        Map<UUID, Integer> numbers = new HashMap<>();
        Map<UUID, ArrayDeque<RegionClaim>> claims = new HashMap<>();
        counts.forEach(
                (hostId, count) -> {
                    UUID bootId =
                            tables.apply(hostId)
                                    .orElseThrow(
                                            () ->
                                                    new IllegalStateException(
                                                            "placed on a host without a table"));
                    int share = firstShare + lenders.size();
                    claims.put(
                            hostId,
                            new ArrayDeque<>(
                                    regions.claim(grantId, new TableId(hostId, bootId), count)));
                    numbers.put(hostId, share);
                    lenders.add(
                            new Lender(
                                    share,
                                    hostId,
                                    bootId,
                                    capability(),
                                    first ? LenderState.PREPARING : LenderState.COMING));
                });
        List<Leg> legs = new ArrayList<>(places.size());
        for (Place place : places) {
            ArrayDeque<RegionClaim> here = claims.get(place.hostId());
            Integer share = numbers.get(place.hostId());
            if (here == null || share == null) {
                throw new IllegalStateException("placed without a claim");
            }
            RegionClaim claim = here.remove();
            legs.add(
                    new Leg(
                            place.extentIndex(),
                            place.legIndex(),
                            share,
                            place.hostId(),
                            claim.bootId(),
                            claim.regionId(),
                            claim.generation(),
                            "LIVE",
                            first ? LegUse.HELD : LegUse.COMING));
        }
        return new Claimed(lenders, legs);
    }

    private String capability() {
        byte[] bits = new byte[CAPABILITY_BYTES];
        random.nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }
}
