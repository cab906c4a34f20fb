package io.memfabric.broker.grant;

import io.memfabric.broker.database.Rows;
import io.memfabric.broker.policy.LenderState;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The lenders, extents and legs of grants: rows in sets, up to 32,768 legs a grant, so they are
/// read and written as sets.
@Component
class GrantParts {

    private final JdbcClient jdbc;

    GrantParts(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void add(GrantEntity grant, Collection<Lender> lenders, List<Leg> legs) {
        for (Lender lender : lenders) {
            jdbc.sql(
                            "insert into lenders"
                                    + " (grant_id, borrower_id, host_id, boot_id, capability, state)"
                                    + " values (?, ?, ?, ?, ?, ?)")
                    .params(
                            grant.id(),
                            grant.borrowerId(),
                            lender.hostId(),
                            lender.bootId(),
                            lender.capability(),
                            lender.state().name())
                    .update();
        }
        jdbc.sql("insert into extents (grant_id, index) select ?, generate_series(0, ?)")
                .params(grant.id(), legs.size() / grant.copies() - 1)
                .update();
        jdbc.sql(
                        "insert into legs (grant_id, extent_index, leg_index, host_id, boot_id,"
                                + " region_id, generation, state)"
                                + " select :grant, l.extent, l.leg, l.host, l.boot, l.region,"
                                + " l.generation, 'LIVE' from unnest(:extents, :legs, :hosts,"
                                + " :boots, :regions, :generations)"
                                + " as l (extent, leg, host, boot, region, generation)")
                .param("grant", grant.id())
                .param("extents", column(legs, Leg::extentIndex, Integer[]::new))
                .param("legs", column(legs, Leg::legIndex, Integer[]::new))
                .param("hosts", column(legs, Leg::hostId, UUID[]::new))
                .param("boots", column(legs, Leg::bootId, UUID[]::new))
                .param("regions", column(legs, Leg::regionId, Long[]::new))
                .param("generations", column(legs, Leg::generation, Long[]::new))
                .update();
    }

    List<Lender> lenders(UUID grantId) {
        return Rows.of(
                jdbc.sql(
                                "select host_id, boot_id, capability, state from lenders"
                                        + " where grant_id = ? order by host_id")
                        .param(grantId)
                        .query(Lender.class));
    }

    /// Every leg in the order of the device.
    List<Leg> legs(UUID grantId) {
        return Rows.of(
                jdbc.sql(
                                "select extent_index, leg_index, host_id, boot_id, region_id,"
                                        + " generation, state from legs where grant_id = ?"
                                        + " order by extent_index, leg_index")
                        .param(grantId)
                        .query(Leg.class));
    }

    List<Leg> legs(UUID grantId, UUID hostId) {
        return Rows.of(
                jdbc.sql(
                                "select extent_index, leg_index, host_id, boot_id, region_id,"
                                        + " generation, state from legs"
                                        + " where grant_id = ? and host_id = ?"
                                        + " order by extent_index, leg_index")
                        .params(grantId, hostId)
                        .query(Leg.class));
    }

    void setLender(UUID grantId, UUID hostId, LenderState state) {
        jdbc.sql("update lenders set state = ? where grant_id = ? and host_id = ?")
                .params(state.name(), grantId, hostId)
                .update();
    }

    void endLegs(UUID grantId, UUID hostId, String state) {
        jdbc.sql(
                        "update legs set state = ? where grant_id = ? and host_id = ?"
                                + " and state = 'LIVE'")
                .params(state, grantId, hostId)
                .update();
    }

    /// The grants that a table of a host still serves or may serve.
    List<UUID> grantsAt(UUID hostId, UUID bootId) {
        return Rows.of(
                jdbc.sql(
                                "select grant_id from lenders where host_id = ? and boot_id = ?"
                                        + " and state not in ('FENCED', 'LOST') order by grant_id")
                        .params(hostId, bootId)
                        .query(UUID.class));
    }

    /// The grants whose fence a host owes.
    List<UUID> fencingAt(UUID hostId) {
        return Rows.of(
                jdbc.sql(
                                "select grant_id from lenders where host_id = ?"
                                        + " and state = 'FENCING' order by grant_id")
                        .param(hostId)
                        .query(UUID.class));
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

    private static <T> T[] column(List<Leg> legs, Function<Leg, T> value, IntFunction<T[]> array) {
        return legs.stream().map(value).toArray(array);
    }
}
