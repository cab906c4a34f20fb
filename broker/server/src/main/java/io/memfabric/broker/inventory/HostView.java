package io.memfabric.broker.inventory;

import io.memfabric.broker.policy.FailureDomain;
import io.memfabric.contract.agent.DataTransport;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.LendingForecast;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A host as the API shows it.
record HostView(UUID id, long revision, Spec spec, Status status) {

    record Spec(
            HarvestMode mode,
            long lendLimitBytes,
            Scheduling scheduling,
            FailureDomain failureDomain) {}

    /// @param mode the mode in force, as the agent says; null before its first report
    /// @param memory what the agent last said, null before its first report
    /// @param forecast how long how much of its memory may be lent, null before its first report
    /// @param offeredBytes regions that the ledger knows
    /// @param mayLendBytes the limit, or less while memory is recalled from it
    /// @param rdmaAddress where its regions are reached over RDMA, null where it offers none
    /// @param roundTrips what it measured in the last five minutes
    record Status(
            String name,
            @Nullable UUID bootId,
            boolean reachable,
            @Nullable HarvestMode mode,
            @Nullable MemoryReport memory,
            @Nullable LendingForecast forecast,
            long offeredBytes,
            long lentBytes,
            long freeBytes,
            long mayLendBytes,
            String dataAddress,
            String agentVersion,
            @Nullable Instant lastReportAt,
            @Nullable Instant lostAt,
            @Nullable String rdmaAddress,
            List<WayTo> roundTrips) {}

    /// The way to one lender, as this host last measured it: reads of 4 KiB, one at a time.
    record WayTo(
            UUID lenderId,
            DataTransport transport,
            long minNanos,
            long medianNanos,
            long p99Nanos,
            Instant measuredAt) {}

    static HostView of(HostRow row, Optional<Presence.Heard> last, RoundTrips roundTrips) {
        Optional<HostReport> report = last.map(Presence.Heard::report);
        return new HostView(
                row.id(),
                row.revision(),
                new Spec(row.mode(), row.lendLimitBytes(), row.scheduling(), row.domain()),
                new Status(
                        row.name(),
                        report.map(HostReport::bootId).orElse(row.bootId()),
                        last.filter(Presence.Heard::isRecent).isPresent(),
                        report.map(HostReport::mode).orElse(null),
                        report.map(HostReport::memory).orElse(null),
                        report.map(HostReport::forecast).orElse(null),
                        row.regions().offeredBytes(),
                        row.regions().lentBytes(),
                        row.regions().freeBytes(),
                        row.mayLendBytes(),
                        row.dataAddress(),
                        row.agentVersion(),
                        last.map(Presence.Heard::at).orElse(row.lastReportAt()),
                        row.lostAt(),
                        roundTrips.rdmaAddress(row.id()).orElse(null),
                        waysOf(row.id(), roundTrips)));
    }

    private static List<WayTo> waysOf(UUID hostId, RoundTrips roundTrips) {
        return roundTrips.of(hostId).entrySet().stream()
                .map(
                        lender ->
                                new WayTo(
                                        lender.getKey(),
                                        lender.getValue().transport(),
                                        lender.getValue().minNanos(),
                                        lender.getValue().medianNanos(),
                                        lender.getValue().p99Nanos(),
                                        lender.getValue().at()))
                .sorted(Comparator.comparing(WayTo::lenderId))
                .toList();
    }
}
