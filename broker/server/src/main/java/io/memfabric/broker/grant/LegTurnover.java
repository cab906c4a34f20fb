package io.memfabric.broker.grant;

import io.memfabric.broker.database.Rows;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.policy.Failure;
import io.memfabric.broker.policy.GrantEvent;
import io.memfabric.broker.policy.RepairState;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The moment at which a borrower has new legs in the place of lost ones, or has refused them. In
/// the transaction at hand, under the grant's row lock.
@Component
class LegTurnover {

    private final JdbcClient jdbc;
    private final GrantLives lives;
    private final GrantParts parts;
    private final CopyReports reports;
    private final Events events;

    LegTurnover(
            JdbcClient jdbc,
            GrantLives lives,
            GrantParts parts,
            CopyReports reports,
            Events events) {
        this.parts = parts;
        this.reports = reports;
        this.events = events;
        this.jdbc = jdbc;
        this.lives = lives;
    }

    /// @param failure why the borrower refused, or null
    void answered(GrantEntity grant, @Nullable Failure failure) {
        if (grant.repair() != RepairState.JOINING) {
            return;
        }
        UUID id = grant.id();
        int before = parts.spilled(List.of(id));
        if (failure == null && grant.copies() > 1) {
            reports.join(
                    grant,
                    parts.legs(id).stream().filter(leg -> leg.use() == LegUse.COMING).toList());
        }
        Set<Integer> joining =
                Set.copyOf(
                        Rows.of(
                                jdbc.sql(
                                                "select distinct share from legs"
                                                        + " where grant_id = ? and use = 'COMING'")
                                        .param(id)
                                        .query(Integer.class)));
        lives.apply(
                grant,
                failure == null
                        ? new GrantEvent.LegsReplaced(joining, takeOver(id))
                        : new GrantEvent.ReplaceRefused(joining, failure));
        tell(grant, before, parts.spilled(List.of(id)));
    }

    private void tell(GrantEntity grant, int before, int after) {
        if (after != before) {
            events.add(
                    NewEvent.of(
                                    after > before ? "grant_spilled" : "grant_unspilled",
                                    "%d of its regions are on the disk of its VM's host, %d were."
                                            .formatted(after, before))
                            .grant(grant.id(), grant.vmId())
                            .host(grant.borrowerId()));
        }
    }

    /// Puts the new legs in the place of the old ones, and answers the shares that the device does
    /// not use any more.
    private Set<Integer> takeOver(UUID grantId) {
        Set<Integer> touched =
                new HashSet<>(
                        Rows.of(
                                jdbc.sql(
                                                "update legs h set use = 'PAST' from legs c"
                                                        + " where h.grant_id = ? and h.use = 'HELD'"
                                                        + " and c.grant_id = h.grant_id"
                                                        + " and c.use = 'COMING'"
                                                        + " and c.extent_index = h.extent_index"
                                                        + " and c.leg_index = h.leg_index"
                                                        + " returning h.share")
                                        .param(grantId)
                                        .query(Integer.class)));
        jdbc.sql("update legs set use = 'HELD' where grant_id = ? and use = 'COMING'")
                .param(grantId)
                .update();
        Set<Integer> departed = new HashSet<>();
        for (int share : touched) {
            departed.add(isHeld(grantId, share) ? split(grantId, share) : share);
        }
        return departed;
    }

    private boolean isHeld(UUID grantId, int share) {
        return jdbc.sql(
                        "select exists (select 1 from legs where grant_id = ? and share = ?"
                                + " and use = 'HELD')")
                .params(grantId, share)
                .query(Boolean.class)
                .single();
    }

    /// Makes a share of its own of the legs that the device does not use any more: a share is
    /// fenced as a whole.
    private int split(UUID grantId, int share) {
        int other = twin(grantId, share);
        jdbc.sql("update legs set share = ? where grant_id = ? and share = ? and use = 'PAST'")
                .params(other, grantId, share)
                .update();
        return other;
    }

    /// Sees to it that a share has exactly these of the legs that the device has.
    ///
    /// @return its number: the same, or that of a new one where it had others as well
    int shareOfOnly(UUID grantId, int share, List<Leg> legs) {
        int all =
                jdbc.sql(
                                "select count(*) from legs where grant_id = ? and share = ?"
                                        + " and state = 'LIVE' and use <> 'PAST'")
                        .params(grantId, share)
                        .query(Integer.class)
                        .single();
        if (all == legs.size()) {
            return share;
        }
        int other = twin(grantId, share);
        jdbc.sql(
                        "update legs set share = ? where grant_id = ? and share = ?"
                                + " and use = 'HELD' and region_id = any(?)")
                .params(
                        other,
                        grantId,
                        share,
                        legs.stream().map(Leg::regionId).toArray(Long[]::new))
                .update();
        return other;
    }

    /// A further share at the same lender, without legs.
    private int twin(UUID grantId, int share) {
        return jdbc.sql(
                        "insert into lenders (grant_id, share, borrower_id, host_id, boot_id,"
                                + " capability, state, asked_at)"
                                + " select grant_id,"
                                + " (select max(share) + 1 from lenders where grant_id = ?),"
                                + " borrower_id, host_id, boot_id, capability, state,"
                                + " asked_at from lenders where grant_id = ? and share = ?"
                                + " returning share")
                .params(grantId, grantId, share)
                .query(Integer.class)
                .single();
    }
}
