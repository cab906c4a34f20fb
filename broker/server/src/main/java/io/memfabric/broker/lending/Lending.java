package io.memfabric.broker.lending;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.Rows;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/// The regions of the ledger. A region is claimed here before its lender hears of it, and is free
/// again only when its lender has fenced it.
@Service
public class Lending {

    private final JdbcClient jdbc;

    Lending(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Claims free regions of a host for a grant, in the transaction at hand. Regions that another
    /// claim has just locked are passed over.
    ///
    /// @throws Ledger.Overtaken where fewer than `count` are left
    public List<Claim> claim(UUID grantId, UUID hostId, UUID bootId, int count) {
        // By an array, not by a join: on a young table the planner expects one row and would join
        // every region with every other.
        List<Claim> claims =
                Rows.of(
                        jdbc.sql(
                                        """
                                        update regions set state = 'CLAIMED',
                                            generation = generation + 1, grant_id = :grant
                                        where host_id = :host and boot_id = :boot
                                          and region_id = any(array(
                                            select region_id from regions where host_id = :host
                                              and boot_id = :boot and state = 'FREE'
                                            order by region_id limit :count
                                            for update skip locked))
                                        returning host_id, boot_id, region_id, generation
                                        """)
                                .param("grant", grantId)
                                .param("host", hostId)
                                .param("boot", bootId)
                                .param("count", count)
                                .query(Claim.class));
        if (claims.size() < count) {
            throw new Ledger.Overtaken(
                    "host %s has %d free regions, not %d".formatted(hostId, claims.size(), count));
        }
        return claims;
    }

    /// Frees regions that a grant holds at a host, in the transaction at hand. One that is disputed
    /// is blocked until its lender has said anew what it has.
    public void free(UUID grantId, UUID hostId, UUID bootId, Long[] regionIds) {
        jdbc.sql(
                        "update regions set state = case when disputed then 'BLOCKED'"
                                + " else 'FREE' end, disputed = false, grant_id = null"
                                + " where grant_id = ? and host_id = ? and boot_id = ?"
                                + " and region_id = any(?)")
                .params(grantId, hostId, bootId, regionIds)
                .update();
    }

    /// Removes free regions that their lender has given back to its host, in the transaction at
    /// hand.
    public void withdraw(UUID hostId, UUID bootId, Long[] regionIds) {
        jdbc.sql(
                        "delete from regions where host_id = ? and boot_id = ?"
                                + " and region_id = any(?) and state = 'FREE'")
                .params(hostId, bootId, regionIds)
                .update();
    }

    /// Removes regions that a grant held in a table that is gone, in the transaction at hand.
    public void remove(UUID grantId, UUID hostId, UUID bootId, Long[] regionIds) {
        jdbc.sql(
                        "delete from regions where grant_id = ? and host_id = ? and boot_id = ?"
                                + " and region_id = any(?)")
                .params(grantId, hostId, bootId, regionIds)
                .update();
    }
}
