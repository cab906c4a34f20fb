package io.memfabric.broker.grant;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.Rows;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.inventory.HostRow;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.recovery.Recovery;
import io.memfabric.contract.agent.GrantReport;
import io.memfabric.contract.agent.RegionReport;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// What hosts hold for grants that the ledger does not know. Only a ledger that lost commits does
/// not know a grant, so such a grant is taken for live: its regions stay blocked and its device
/// stays where it is. Where the evidence is whole it is rebuilt, see [Rebuilding]. Else it ends
/// when the host that had the device says that it has it no more; or, where no host ever said so,
/// when every host of the fabric is heard and none has it.
@Component
class Adoption {

    private final JdbcClient jdbc;
    private final Ledger ledger;
    private final Events events;
    private final Recovery recovery;
    private final Inventory inventory;
    private final Rebuilding rebuilding;
    private final InstantSource clock;

    Adoption(
            JdbcClient jdbc,
            Ledger ledger,
            Events events,
            Recovery recovery,
            Inventory inventory,
            Rebuilding rebuilding,
            InstantSource clock) {
        this.jdbc = jdbc;
        this.ledger = ledger;
        this.events = events;
        this.recovery = recovery;
        this.inventory = inventory;
        this.rebuilding = rebuilding;
        this.clock = clock;
    }

    /// Takes in which devices a borrower has, and answers those grants that the ledger does not know.
    Set<UUID> unknownDevices(UUID hostId, List<GrantReport> reports) {
        Set<UUID> unknown = unknown(reports.stream().map(GrantReport::grantId).toList());
        for (GrantReport report : reports) {
            if (unknown.contains(report.grantId())) {
                adoptDevice(hostId, report);
            }
        }
        endWithout(hostId, reports);
        rebuilding.rebuild(
                hostId,
                reports.stream().filter(report -> unknown.contains(report.grantId())).toList());
        return unknown;
    }

    /// A claim that the ledger has made and ended.
    ///
    /// @param used whether the grant's device may use the region all the same, because its lender was
    ///     declared lost and is there again
    private record Ended(long regionId, boolean used) {}

    /// The regions whose claims the ledger has made and ended, or whose grant is known to be over: they
    /// may be fenced, unless a device uses them. The others are held.
    List<RegionReport> fenceable(
            UUID hostId, UUID bootId, UUID grantId, List<RegionReport> claims) {
        List<Ended> ended = ended(hostId, bootId, grantId, claims);
        Set<Long> used =
                ended.stream().filter(Ended::used).map(Ended::regionId).collect(Collectors.toSet());
        Set<Long> known = ended.stream().map(Ended::regionId).collect(Collectors.toSet());
        boolean all = known.size() == claims.size() || isOver(grantId);
        if (!all) {
            adoptClaim(hostId, grantId, claims);
        }
        return claims.stream()
                .filter(claim -> all || known.contains(claim.regionId()))
                .filter(claim -> !used.contains(claim.regionId()))
                .toList();
    }

    private List<Ended> ended(UUID hostId, UUID bootId, UUID grantId, List<RegionReport> claims) {
        return Rows.of(
                jdbc.sql(
                                "select n.id as region_id, l.state = 'LOST' and l.use = 'HELD'"
                                        + " and g.device <> 'ABSENT' as used"
                                        + " from unnest(:ids, :generations) as n (id, generation)"
                                        + " join legs l on l.region_id = n.id"
                                        + " and l.generation = n.generation"
                                        + " and l.host_id = :host and l.boot_id = :boot"
                                        + " and l.grant_id = :grant"
                                        + " join grants g on g.id = l.grant_id"
                                        + " where l.state <> 'LIVE'")
                        .param("ids", column(claims, true))
                        .param("generations", column(claims, false))
                        .param("host", hostId)
                        .param("boot", bootId)
                        .param("grant", grantId)
                        .query(Ended.class));
    }

    private static Long[] column(List<RegionReport> claims, boolean ids) {
        return claims.stream()
                .map(claim -> ids ? claim.regionId() : claim.generation())
                .toArray(Long[]::new);
    }

    private Set<UUID> unknown(List<UUID> grantIds) {
        return Set.copyOf(
                Rows.of(
                        jdbc.sql(
                                        "select n.id from unnest(:ids) as n (id)"
                                                + " where not exists"
                                                + " (select 1 from grants g where g.id = n.id)")
                                .param("ids", grantIds.toArray(UUID[]::new))
                                .query(UUID.class)));
    }

    /// A grant that the ledger knows is over when it is released, and not before: an older ledger may
    /// know it with other copies than its device uses.
    private boolean isOver(UUID grantId) {
        return jdbc.sql(
                        "select exists (select 1 from adopted_grants a where grant_id = ?"
                                + " and ended_at is not null"
                                + " and not exists (select 1 from grants g where g.id = a.grant_id))"
                                + " or exists (select 1 from grants where id = ?"
                                + " and state = 'RELEASED')")
                .params(grantId, grantId)
                .query(Boolean.class)
                .single();
    }

    private void adoptDevice(UUID hostId, GrantReport report) {
        ledger.run(
                () -> {
                    int changed =
                            jdbc.sql(
                                            "insert into adopted_grants as a (grant_id, borrower_id,"
                                                    + " vm_id, epoch, found_at)"
                                                    + " values (:id, :host, :vm, :epoch, :now)"
                                                    + " on conflict (grant_id) do update set"
                                                    + " borrower_id = :host, vm_id = :vm,"
                                                    + " epoch = greatest(a.epoch, :epoch),"
                                                    + " ended_at = null"
                                                    + " where a.borrower_id is distinct from :host"
                                                    + " or a.ended_at is not null")
                                    .param("id", report.grantId())
                                    .param("host", hostId)
                                    .param("vm", report.vmId())
                                    .param("epoch", report.epoch())
                                    .param("now", Timestamp.from(clock.instant()))
                                    .update();
                    if (changed > 0) {
                        tell(
                                hostId,
                                report.grantId(),
                                "has the device of grant %s, which the ledger does not know");
                    }
                });
    }

    private void adoptClaim(UUID hostId, UUID grantId, List<RegionReport> claims) {
        long epoch = claims.stream().mapToLong(RegionReport::epoch).max().orElse(0);
        ledger.run(
                () -> {
                    int added =
                            jdbc.sql(
                                            "insert into adopted_grants (grant_id, epoch, found_at)"
                                                    + " values (?, ?, ?) on conflict do nothing")
                                    .params(grantId, epoch, Timestamp.from(clock.instant()))
                                    .update();
                    if (added > 0) {
                        tell(
                                hostId,
                                grantId,
                                "holds regions for grant %s, which the ledger does not know");
                    }
                });
    }

    private void tell(UUID hostId, UUID grantId, String what) {
        String detail = "Host " + hostId + " " + what.formatted(grantId) + ".";
        recovery.begin(detail);
        events.add(NewEvent.of("grant_adopted", detail).host(hostId));
    }

    /// A device that its host does not have any more ends the adoption: its regions may be fenced.
    private void endWithout(UUID hostId, List<GrantReport> reports) {
        end(
                jdbc.sql(
                                "update adopted_grants set ended_at = :now where ended_at is null"
                                        + " and borrower_id = :host and not grant_id = any(:ids)"
                                        + " returning grant_id")
                        .param("host", hostId)
                        .param(
                                "ids",
                                reports.stream().map(GrantReport::grantId).toArray(UUID[]::new)));
    }

    @Scheduled(fixedDelayString = "PT5S")
    void endUnclaimed() {
        boolean any =
                jdbc.sql(
                                "select exists (select 1 from adopted_grants"
                                        + " where ended_at is null and borrower_id is null)")
                        .query(Boolean.class)
                        .single();
        if (!any) {
            return;
        }
        oldestInventory()
                .ifPresent(
                        oldest ->
                                end(
                                        jdbc.sql(
                                                        "update adopted_grants set ended_at = :now"
                                                                + " where ended_at is null"
                                                                + " and borrower_id is null"
                                                                + " and found_at < :oldest"
                                                                + " returning grant_id")
                                                .param("oldest", Timestamp.from(oldest))));
    }

    /// The oldest of the hosts' last inventories, where every host is heard and has sent one.
    private Optional<Instant> oldestInventory() {
        List<HostRow> hosts = inventory.hosts();
        List<Instant> last =
                hosts.stream()
                        .filter(host -> inventory.isReachable(host.id()))
                        .map(HostRow::lastReportAt)
                        .filter(Objects::nonNull)
                        .toList();
        return last.size() < hosts.size()
                ? Optional.empty()
                : last.stream().min(Instant::compareTo);
    }

    private void end(JdbcClient.StatementSpec update) {
        ledger.run(
                () ->
                        Rows.of(
                                        update.param("now", Timestamp.from(clock.instant()))
                                                .query(UUID.class))
                                .forEach(this::tellEnd));
    }

    private void tellEnd(UUID grantId) {
        events.add(
                NewEvent.of(
                        "adopted_grant_ended",
                        "No VM has the device of grant " + grantId + " any more."));
    }
}
