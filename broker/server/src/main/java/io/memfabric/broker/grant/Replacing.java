package io.memfabric.broker.grant;

import io.memfabric.broker.inventory.HostRow;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.lending.Spills;
import io.memfabric.broker.policy.GrantEvent;
import io.memfabric.broker.policy.GrantLife;
import io.memfabric.broker.policy.LenderCandidate;
import io.memfabric.broker.policy.PlacementRules;
import io.memfabric.broker.policy.ReplacementPolicy;
import io.memfabric.broker.policy.ReplacementPolicy.Wanted;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/// Finds new lenders for legs of a grant that has its device, and begins the round in which they
/// come. In the transaction at hand, under the grant's row lock.
@Component
class Replacing {

    /// A lender that refused gets no more legs of the grant, and a borrower that refused no more
    /// requests about it, for this long.
    static final Duration REFUSAL = Duration.ofSeconds(30);

    private final Inventory inventory;
    private final Shares shares;
    private final GrantParts parts;
    private final GrantLives lives;
    private final Spills spills;

    Replacing(
            Inventory inventory, Shares shares, GrantParts parts, GrantLives lives, Spills spills) {
        this.spills = spills;
        this.inventory = inventory;
        this.shares = shares;
        this.parts = parts;
        this.lives = lives;
    }

    /// A leg by its place in the device.
    record Slot(int extent, int leg) {}

    /// Gives as many of these legs a successor as there is room for.
    ///
    /// @param event what the round is for
    /// @return how many
    int begin(
            GrantEntity grant,
            List<Slot> slots,
            Function<Set<Integer>, GrantEvent> event,
            Instant now) {
        GrantLife life = lives.load(grant);
        Map<UUID, HostRow> hosts = shares.hosts();
        List<Wanted> wanted = wanted(slots, parts.legs(grant.id()), hosts);
        List<LenderCandidate> willing = willing(grant, hosts, now);
        Map<Wanted, UUID> places =
                ReplacementPolicy.place(grant.borrowerId(), wanted, fit(grant, willing));
        if (places.size() < wanted.size()) {
            // A copy that is slower than its class is worth more than none.
            places = ReplacementPolicy.place(grant.borrowerId(), wanted, willing);
        }
        if (places.isEmpty()) {
            return 0;
        }
        List<Shares.Place> all =
                places.entrySet().stream()
                        .map(
                                e ->
                                        new Shares.Place(
                                                e.getKey().extent(),
                                                e.getKey().leg(),
                                                e.getValue()))
                        .toList();
        Shares.Claimed claimed = shares.claim(grant.id(), life.shares().lastKey() + 1, all, hosts);
        begin(grant, life, claimed, event, now);
        return places.size();
    }

    /// Gives as many of these legs a successor on the borrower's disk as that has room for.
    ///
    /// @param event what the round is for
    /// @return how many
    int spill(
            GrantEntity grant,
            List<Slot> slots,
            Function<Set<Integer>, GrantEvent> event,
            Instant now) {
        UUID borrower = grant.borrowerId();
        if (parts.refusers(grant.id(), now.minus(REFUSAL)).contains(borrower)) {
            return 0;
        }
        List<Shares.Place> places =
                slots.stream()
                        .limit(spills.freeAt(borrower))
                        .map(slot -> new Shares.Place(slot.extent(), slot.leg(), borrower))
                        .toList();
        if (!places.isEmpty()) {
            GrantLife life = lives.load(grant);
            Shares.Claimed claimed =
                    shares.claim(grant.id(), life.shares().lastKey() + 1, places, spills::tableOf);
            begin(grant, life, claimed, event, now);
        }
        return places.size();
    }

    private void begin(
            GrantEntity grant,
            GrantLife life,
            Shares.Claimed claimed,
            Function<Set<Integer>, GrantEvent> event,
            Instant now) {
        parts.add(grant, 0, claimed, now);
        lives.apply(
                grant,
                life,
                event.apply(
                        claimed.lenders().stream().map(Lender::share).collect(Collectors.toSet())));
    }

    /// Every leg needs a host that has no live leg of the same extent, be it reached or not, and that
    /// does not fail together with the one that stays.
    static List<Wanted> wanted(List<Slot> slots, List<Leg> legs, Map<UUID, HostRow> hosts) {
        Map<Integer, List<Leg>> live =
                legs.stream().filter(Leg::isLive).collect(Collectors.groupingBy(Leg::extentIndex));
        return slots.stream()
                .map(
                        slot ->
                                new Wanted(
                                        slot.extent(),
                                        slot.leg(),
                                        barred(
                                                slot,
                                                live.getOrDefault(slot.extent(), List.of()),
                                                hosts)))
                .toList();
    }

    private static Set<UUID> barred(Slot slot, List<Leg> live, Map<UUID, HostRow> hosts) {
        Set<UUID> barred = new HashSet<>();
        for (Leg leg : live) {
            barred.add(leg.hostId());
            HostRow host = hosts.get(leg.hostId());
            if (leg.legIndex() != slot.leg() && host != null) {
                hosts.values().stream()
                        .filter(other -> other.domain().failsWith(host.domain()))
                        .map(HostRow::id)
                        .forEach(barred::add);
            }
        }
        return Set.copyOf(barred);
    }

    /// Those whose memory is of the grant's class.
    List<LenderCandidate> fit(GrantEntity grant, List<LenderCandidate> willing) {
        PlacementRules rules = inventory.placementRules();
        return willing.stream()
                .filter(host -> host.unfitFor(grant.latencyClass(), rules) == null)
                .toList();
    }

    private List<LenderCandidate> willing(
            GrantEntity grant, Map<UUID, HostRow> hosts, Instant now) {
        Set<UUID> refusers = parts.refusers(grant.id(), now.minus(REFUSAL));
        return shares.candidates(grant.vmId(), grant.borrowerId(), hosts).stream()
                .filter(host -> !refusers.contains(host.hostId()))
                .toList();
    }
}
