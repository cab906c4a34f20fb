package io.memfabric.broker.inventory;

import io.memfabric.contract.agent.VmReport;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A VM as the API shows it.
///
/// @param revision of its spec; 0 where nobody wanted anything of it yet
record VmView(UUID id, long revision, VmSpec spec, Status status) {

    /// @param specInForce whether its host has told that it knows the spec
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
            boolean specInForce,
            @Nullable Instant reportedAt) {}

    /// @param policyRevision of all policies, read before this VM's
    static VmView of(
            VmRow row,
            VmPolicyTable.Row policy,
            long policyRevision,
            Optional<Presence.Heard> last) {
        Optional<VmReport> report = last.flatMap(heard -> heard.vms().of(row.id()));
        boolean known =
                last.filter(
                                heard ->
                                        heard.vms()
                                                .policiesTag(policyRevision)
                                                .equals(heard.report().policiesTag()))
                        .isPresent();
        return new VmView(
                row.id(),
                policy.revision(),
                policy.spec(),
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
                        known && report.isPresent(),
                        report.isPresent() ? last.map(Presence.Heard::at).orElse(null) : null));
    }
}
