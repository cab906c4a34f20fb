package io.memfabric.broker.inventory;

import io.memfabric.contract.agent.DataTransport;
import io.memfabric.contract.agent.MeasuredLender;
import io.memfabric.contract.agent.RoundTripReport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// How long reads between hosts take, as borrowers last measured them. Known in memory only: hosts
/// measure every minute.
@Component
public class RoundTrips {

    /// What is older says nothing any more.
    private static final Duration FRESH = Duration.ofMinutes(5);

    private final Map<UUID, Host> hosts = new ConcurrentHashMap<>();
    private final HostWords words;
    private final InstantSource clock;

    RoundTrips(HostWords words, InstantSource clock) {
        this.words = words;
        this.clock = clock;
    }

    /// What one borrower measured of one lender.
    ///
    /// @param transport what carried the reads of 4 KiB
    /// @param at when the broker heard of it
    public record RoundTrip(
            DataTransport transport, long minNanos, long medianNanos, long p99Nanos, Instant at) {}

    private record Host(@Nullable String rdmaAddress, Map<UUID, RoundTrip> lenders) {}

    /// What this borrower measured in the last five minutes, by lender.
    public Map<UUID, RoundTrip> of(UUID borrowerId) {
        Host host = host(borrowerId);
        if (host == null) {
            return Map.of();
        }
        Instant oldest = clock.instant().minus(FRESH);
        Map<UUID, RoundTrip> fresh = new HashMap<>(host.lenders());
        fresh.values().removeIf(trip -> trip.at().isBefore(oldest));
        return fresh;
    }

    private @Nullable Host host(UUID hostId) {
        return words.elsewhere(hostId, HostWords.Topic.ROUND_TRIPS, Host.class)
                .orElseGet(() -> hosts.get(hostId));
    }

    /// What this borrower measured of this lender in the last five minutes.
    public Optional<RoundTrip> between(UUID borrowerId, UUID lenderId) {
        return Optional.ofNullable(of(borrowerId).get(lenderId));
    }

    /// Where a host's regions are reached over RDMA, as it last said.
    public Optional<String> rdmaAddress(UUID hostId) {
        return Optional.ofNullable(host(hostId)).map(Host::rdmaAddress);
    }

    /// Takes in what a host said. A lender that it did not reach this time keeps what was measured
    /// before, until that is too old.
    void heard(UUID hostId, RoundTripReport report) {
        Instant now = clock.instant();
        Map<UUID, RoundTrip> lenders = new HashMap<>(of(hostId));
        for (MeasuredLender measured : report.measured()) {
            lenders.put(
                    measured.lenderId(),
                    new RoundTrip(
                            measured.transport(),
                            measured.minNanos(),
                            measured.medianNanos(),
                            measured.p99Nanos(),
                            now));
        }
        Host said = new Host(report.rdmaAddress(), Map.copyOf(lenders));
        hosts.put(hostId, said);
        words.keep(hostId, HostWords.Topic.ROUND_TRIPS, said);
    }
}
