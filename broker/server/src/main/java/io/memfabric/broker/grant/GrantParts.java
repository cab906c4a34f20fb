package io.memfabric.broker.grant;

import io.memfabric.broker.database.Rows;
import io.memfabric.broker.policy.GrantState;
import io.memfabric.broker.policy.LenderState;
import io.memfabric.broker.policy.NoticeClass;
import io.memfabric.contract.agent.RegionClaim;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The lenders, extents and legs of grants: rows in sets, up to 32,768 legs a grant, so they are
/// read and written as sets.
@Component
class GrantParts {

    private static final String AT_HOME =
            " from lenders s join legs l on l.grant_id = s.grant_id and l.share = s.share"
                    + " and l.use = 'HELD' where s.host_id = s.borrower_id"
                    + " and s.state not in ('FENCED', 'LOST', 'GONE')";

    private static final String LEG =
            "select extent_index, leg_index, share, host_id, boot_id, region_id, generation, state,"
                    + " use from legs";

    private final JdbcClient jdbc;

    GrantParts(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Adds a grant that has just begun, and why its legs are where they are, as JSON. A row like
    /// its parts: the persistence context would compare it with itself at each flush of the
    /// transaction that makes it, and nothing changes it there.
    void add(GrantEntity grant, String placement) {
        jdbc.sql(
                        """
                        insert into grants (id, vm_id, borrower_id, requested_bytes, size_bytes,
                            attach_mode, latency_class, copies, notice, serial, epoch, state,
                            device, repair, part_of, created_at, updated_at, placement, revision)
                        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?)
                        """)
                .param(grant.id())
                .param(grant.vmId())
                .param(grant.borrowerId())
                .param(grant.requestedBytes())
                .param(grant.sizeBytes())
                .param(grant.attachMode().name())
                .param(grant.latencyClass().name())
                .param(grant.copies())
                .param(grant.notice().name())
                .param(grant.serial())
                .param(grant.epoch())
                .param(grant.state().name())
                .param(grant.device().name())
                .param(grant.repair().name())
                .param(grant.partOf().orElse(null))
                .param(Timestamp.from(grant.createdAt()))
                .param(Timestamp.from(grant.updatedAt()))
                .param(placement)
                .param(grant.revision())
                .update();
    }

    /// Adds extents and shares with their legs, in one statement.
    ///
    /// @param extents 0 where the shares are for extents that there are
    void add(GrantEntity grant, int extents, Shares.Claimed claimed, Instant now) {
        List<Lender> lenders = claimed.lenders();
        List<Leg> legs = claimed.legs();
        jdbc.sql(
                        """
                        with new_extents as (
                            insert into extents (grant_id, index)
                            select :grant, generate_series(0, :lastExtent)),
                        new_lenders as (
                            insert into lenders (grant_id, share, borrower_id, host_id, boot_id,
                                capability, state, asked_at)
                            select :grant, l.share, :borrower, l.host, l.boot, l.capability,
                                l.state, :now
                            from unnest(:shares, :hosts, :boots, :capabilities, :states)
                                as l (share, host, boot, capability, state))
                        insert into legs (grant_id, extent_index, leg_index, share, host_id,
                            boot_id, region_id, generation, state, use)
                        select :grant, l.extent, l.leg, l.share, l.host, l.boot, l.region,
                            l.generation, 'LIVE', l.use
                        from unnest(:extents, :legs, :legShares, :legHosts, :legBoots, :regions,
                            :generations, :uses)
                            as l (extent, leg, share, host, boot, region, generation, use)
                        """)
                .param("grant", grant.id())
                .param("lastExtent", extents - 1)
                .param("borrower", grant.borrowerId())
                .param("now", Timestamp.from(now))
                .param("shares", Rows.column(lenders, Lender::share, Integer[]::new))
                .param("hosts", Rows.column(lenders, Lender::hostId, UUID[]::new))
                .param("boots", Rows.column(lenders, Lender::bootId, UUID[]::new))
                .param("capabilities", Rows.column(lenders, Lender::capability, String[]::new))
                .param(
                        "states",
                        Rows.column(lenders, lender -> lender.state().name(), String[]::new))
                .param("extents", Rows.column(legs, Leg::extentIndex, Integer[]::new))
                .param("legs", Rows.column(legs, Leg::legIndex, Integer[]::new))
                .param("legShares", Rows.column(legs, Leg::share, Integer[]::new))
                .param("legHosts", Rows.column(legs, Leg::hostId, UUID[]::new))
                .param("legBoots", Rows.column(legs, Leg::bootId, UUID[]::new))
                .param("regions", Rows.column(legs, Leg::regionId, Long[]::new))
                .param("generations", Rows.column(legs, Leg::generation, Long[]::new))
                .param("uses", Rows.column(legs, leg -> leg.use().name(), String[]::new))
                .update();
    }

    List<Lender> lenders(UUID grantId) {
        return Rows.of(
                jdbc.sql(
                                "select share, host_id, boot_id, capability, state from lenders"
                                        + " where grant_id = ? order by share")
                        .param(grantId)
                        .query(Lender.class));
    }

    Lender lender(UUID grantId, int share) {
        return jdbc.sql(
                        "select share, host_id, boot_id, capability, state from lenders"
                                + " where grant_id = ? and share = ?")
                .params(grantId, share)
                .query(Lender.class)
                .single();
    }

    /// The legs that the device has and those that are to come, in the order of the device, the one
    /// that it has first.
    List<Leg> legs(UUID grantId) {
        return Rows.of(
                jdbc.sql(
                                LEG
                                        + " where grant_id = ? and use <> 'PAST'"
                                        + " order by extent_index, leg_index, use desc")
                        .param(grantId)
                        .query(Leg.class));
    }

    /// The regions that a share still claims.
    List<Leg> liveLegs(UUID grantId, int share) {
        return Rows.of(
                jdbc.sql(
                                LEG
                                        + " where grant_id = ? and share = ? and state = 'LIVE'"
                                        + " order by extent_index, leg_index")
                        .params(grantId, share)
                        .query(Leg.class));
    }

    /// The share whose regions a command to a lender is about, if it is about any of the grant's.
    Optional<Integer> shareOf(UUID grantId, UUID hostId, List<RegionClaim> claims) {
        if (claims.isEmpty()) {
            return Optional.empty();
        }
        RegionClaim first = claims.getFirst();
        return jdbc.sql(
                        "select share from legs where grant_id = ? and host_id = ? and boot_id = ?"
                                + " and region_id = ? and generation = ?")
                .params(grantId, hostId, first.bootId(), first.regionId(), first.generation())
                .query(Integer.class)
                .optional();
    }

    /// Why the legs of a grant are where they are, as JSON.
    Optional<String> placement(UUID grantId) {
        return jdbc.sql(
                        "select placement::text from grants"
                                + " where id = ? and placement is not null")
                .param(grantId)
                .query(String.class)
                .optional();
    }

    void setLender(UUID grantId, int share, LenderState state) {
        jdbc.sql("update lenders set state = ? where grant_id = ? and share = ?")
                .params(state.name(), grantId, share)
                .update();
    }

    void noteRefusal(UUID grantId, int share, Instant now) {
        jdbc.sql("update lenders set refused_at = ? where grant_id = ? and share = ?")
                .params(Timestamp.from(now), grantId, share)
                .update();
    }

    /// The hosts that refused to prepare regions for a grant after this time.
    Set<UUID> refusers(UUID grantId, Instant after) {
        return Set.copyOf(
                Rows.of(
                        jdbc.sql(
                                        "select distinct host_id from lenders"
                                                + " where grant_id = ? and refused_at > ?")
                                .params(grantId, Timestamp.from(after))
                                .query(UUID.class)));
    }

    void endLegs(UUID grantId, int share, String state) {
        jdbc.sql(
                        "update legs set state = ? where grant_id = ? and share = ?"
                                + " and state = 'LIVE'")
                .params(state, grantId, share)
                .update();
    }

    void giveUpComing(UUID grantId) {
        jdbc.sql("update legs set use = 'PAST' where grant_id = ? and use = 'COMING'")
                .param(grantId)
                .update();
    }

    /// A share of a grant.
    record ShareOf(UUID grantId, int share) {}

    /// The shares that a table of a host still serves or may serve.
    List<ShareOf> sharesAt(UUID hostId, UUID bootId) {
        return Rows.of(
                jdbc.sql(
                                "select grant_id, share from lenders where host_id = ? and boot_id = ?"
                                        + " and state not in ('FENCED', 'LOST', 'GONE')"
                                        + " order by grant_id, share")
                        .params(hostId, bootId)
                        .query(ShareOf.class));
    }

    /// The shares whose fence a host owes.
    List<ShareOf> fencingAt(UUID hostId) {
        return Rows.of(
                jdbc.sql(
                                "select grant_id, share from lenders where host_id = ?"
                                        + " and state in ('FENCING', 'DROPPED') order by grant_id, share")
                        .param(hostId)
                        .query(ShareOf.class));
    }

    /// Those of the given grants whose device is at the borrower, or may be.
    Set<UUID> withDeviceAt(UUID borrowerId, List<UUID> grantIds) {
        return Set.copyOf(
                Rows.of(
                        jdbc.sql(
                                        "select id from grants where borrower_id = ?"
                                                + " and device <> 'ABSENT' and id = any(?)")
                                .param(borrowerId)
                                .param(grantIds.toArray(UUID[]::new))
                                .query(UUID.class)));
    }

    /// The grants of a host's VMs that hold anything.
    List<UUID> borrowedAt(UUID borrowerId) {
        return Rows.of(
                jdbc.sql(
                                "select id from grants where borrower_id = ?"
                                        + " and (device <> 'ABSENT'"
                                        + " or state in ('RESERVED', 'PREPARED')) order by id")
                        .param(borrowerId)
                        .query(UUID.class));
    }

    private record StateOf(UUID id, GrantState state) {}

    /// The states of those of the given grants that have copies and a device at the borrower.
    Map<UUID, GrantState> mirroredAt(UUID borrowerId, List<UUID> grantIds) {
        return Rows.of(
                        jdbc.sql(
                                        "select id, state from grants where borrower_id = ?"
                                                + " and copies > 1 and device = 'ATTACHED'"
                                                + " and id = any(?)")
                                .params(borrowerId, grantIds.toArray(UUID[]::new))
                                .query(StateOf.class))
                .stream()
                .collect(Collectors.toMap(StateOf::id, StateOf::state));
    }

    /// A leg at a lender, with what a recall asks of its grant.
    record LegAt(
            UUID grantId,
            int extentIndex,
            int legIndex,
            UUID borrowerId,
            NoticeClass notice,
            int copies,
            boolean settled) {}

    /// The legs that serve at a host and that nothing takes away from it yet.
    List<LegAt> servingAt(UUID hostId) {
        return Rows.of(
                jdbc.sql(
                                "select l.grant_id, l.extent_index, l.leg_index, g.borrower_id,"
                                        + " g.notice, g.copies, g.repair = 'NONE' and g.state in"
                                        + " ('ACTIVE', 'DEGRADED') as settled from legs l"
                                        + " join grants g on g.id = l.grant_id"
                                        + " join lenders s on s.grant_id = l.grant_id"
                                        + " and s.share = l.share"
                                        + " where l.host_id = ? and l.state = 'LIVE'"
                                        + " and g.borrower_id <> l.host_id"
                                        + " and l.use = 'HELD' and s.state <> 'LEAVING'"
                                        + " and s.state <> 'DROPPED' and s.state <> 'FENCING'"
                                        + " and g.state in ('RESERVED', 'PREPARED', 'ACTIVE',"
                                        + " 'DEGRADED', 'RECALLING', 'QUARANTINED')"
                                        + " and not exists (select 1 from legs c"
                                        + " where c.grant_id = l.grant_id and c.use = 'COMING'"
                                        + " and c.extent_index = l.extent_index"
                                        + " and c.leg_index = l.leg_index)")
                        .param(hostId)
                        .query(LegAt.class));
    }

    /// How many legs these grants have on the disk of their borrower.
    int spilled(List<UUID> grantIds) {
        return jdbc.sql("select count(*)" + AT_HOME + " and s.grant_id = any(?)")
                .param(grantIds.toArray(UUID[]::new))
                .query(Integer.class)
                .single();
    }

    /// How many legs all grants have there.
    int spilled() {
        return jdbc.sql("select count(*)" + AT_HOME).query(Integer.class).single();
    }

    /// The grants with such legs whose legs may be changed, `SPOT` last.
    List<UUID> withSpilled(int limit) {
        return Rows.of(
                jdbc.sql(
                                "select g.id from grants g where g.repair = 'NONE'"
                                        + " and g.state in ('ACTIVE', 'DEGRADED') and g.id in"
                                        + " (select s.grant_id"
                                        + AT_HOME
                                        + ") order by array_position("
                                        + "array['GUARANTEED', 'STANDARD', 'SPOT'], g.notice), g.id"
                                        + " limit ?")
                        .param(limit)
                        .query(UUID.class));
    }

    List<UUID> degradedAfter(UUID id, int limit) {
        return Rows.of(
                jdbc.sql(
                                "select id from grants where state = 'DEGRADED' and id > ?"
                                        + " order by id limit ?")
                        .params(id, limit)
                        .query(UUID.class));
    }

    /// A share whose lender was asked to prepare it.
    record Asked(UUID grantId, int share, UUID hostId) {}

    List<Asked> askedBefore(Instant time, int limit) {
        return Rows.of(
                jdbc.sql(
                                "select grant_id, share, host_id from lenders where asked_at < ?"
                                        + " and state in ('PREPARING', 'COMING')"
                                        + " order by asked_at limit ?")
                        .params(Timestamp.from(time), limit)
                        .query(Asked.class));
    }
}
