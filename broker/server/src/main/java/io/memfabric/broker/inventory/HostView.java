package io.memfabric.broker.inventory;

import io.memfabric.broker.policy.FailureDomain;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.LendingForecast;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.time.Instant;
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
            @Nullable Instant lastReportAt) {}

    static HostView of(HostRow row, Optional<Presence.Heard> last) {
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
                        last.map(Presence.Heard::at).orElse(row.lastReportAt())));
    }
}
