package io.memfabric.broker.inventory;

import io.memfabric.broker.access.Caller;
import io.memfabric.contract.agent.LenderPlace;
import io.memfabric.contract.agent.RoundTripReply;
import io.memfabric.contract.agent.RoundTripReport;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Takes in what hosts measure every minute, and tells them what else to measure: the ways to some
/// hosts with free regions, others each time, so that the next grant's lenders are known before.
@RestController
class RoundTripReports {

    private static final int NAMED = 16;
    private static final long REMEMBERED = TimeUnit.SECONDS.toNanos(10);

    private record Lenders(List<LenderPlace> places, long at) {}

    private final HostRepository hosts;
    private final Presence presence;
    private final RoundTrips roundTrips;
    private volatile Lenders lenders = new Lenders(List.of(), System.nanoTime() - REMEMBERED);

    RoundTripReports(HostRepository hosts, Presence presence, RoundTrips roundTrips) {
        this.hosts = hosts;
        this.presence = presence;
        this.roundTrips = roundTrips;
    }

    @PostMapping("/agent/v1/round-trips")
    RoundTripReply report(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Agent caller,
            @RequestBody RoundTripReport report) {
        roundTrips.heard(caller.hostId(), report);
        return new RoundTripReply(toMeasure(caller.hostId()));
    }

    private List<LenderPlace> toMeasure(UUID hostId) {
        Lenders known = lenders;
        if (System.nanoTime() - known.at() >= REMEMBERED) {
            known = new Lenders(look(), System.nanoTime());
            lenders = known;
        }
        List<LenderPlace> others =
                known.places().stream().filter(place -> !place.hostId().equals(hostId)).toList();
        if (others.size() <= NAMED) {
            return others;
        }
        List<LenderPlace> some = new ArrayList<>(others);
        Collections.shuffle(some);
        return some.subList(0, NAMED);
    }

    private List<LenderPlace> look() {
        return hosts.findAll().stream()
                .map(HostEntity::row)
                .filter(row -> row.regions().freeBytes() > 0 && presence.isReachable(row.id()))
                .map(
                        row ->
                                new LenderPlace(
                                        row.id(),
                                        row.dataAddress(),
                                        roundTrips.rdmaAddress(row.id()).orElse(null)))
                .toList();
    }
}
