package io.memfabric.broker.inventory;

import io.memfabric.contract.agent.VmReport;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A VM as the API shows it. Nothing of it can be ordered yet, so its spec is empty.
record VmView(UUID id, Spec spec, Status status) {

    record Spec() {}

    /// @param reportedAt when its host last spoke of it; the figures below it are of that moment
    record Status(
            UUID hostId,
            String name,
            VmReport.State state,
            long maxBytes,
            @Nullable Long balloonBytes,
            @Nullable Long usableBytes,
            @Nullable Long residentBytes,
            boolean guestDaemon,
            @Nullable String excludedBecause,
            @Nullable Instant reportedAt) {}

    static VmView of(VmRow row, Optional<Presence.Heard> last) {
        Optional<VmReport> report = last.map(heard -> heard.vms().get(row.id()));
        return new VmView(
                row.id(),
                new Spec(),
                new Status(
                        row.hostId(),
                        row.name(),
                        row.state(),
                        row.maxBytes(),
                        report.map(VmReport::balloonBytes).orElse(null),
                        report.map(VmReport::usableBytes).orElse(null),
                        report.map(VmReport::residentBytes).orElse(null),
                        row.guestDaemon(),
                        report.map(VmReport::excludedBecause).orElse(null),
                        report.isPresent() ? last.map(Presence.Heard::at).orElse(null) : null));
    }
}
