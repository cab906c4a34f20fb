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
        List<Claim> claims =
                Rows.of(
                        jdbc.sql(
                                        "with free as ("
                                                + " select region_id from regions"
                                                + " where host_id = :host and boot_id = :boot"
                                                + " and state = 'FREE' order by region_id"
                                                + " limit :count for update skip locked)"
                                                + " update regions r set state = 'CLAIMED',"
                                                + " generation = r.generation + 1, grant_id = :grant"
                                                + " from free where r.host_id = :host"
                                                + " and r.boot_id = :boot"
                                                + " and r.region_id = free.region_id"
                                                + " returning r.host_id, r.boot_id, r.region_id,"
                                                + " r.generation")
                                .param("host", hostId)
                                .param("boot", bootId)
                                .param("count", count)
                                .param("grant", grantId)
                                .query(Claim.class));
        if (claims.size() < count) {
            throw new Ledger.Overtaken(
                    "host %s has %d free regions, not %d".formatted(hostId, claims.size(), count));
        }
        return claims;
    }

    /// Frees the regions that a grant holds at a host, in the transaction at hand.
    public void free(UUID grantId, UUID hostId) {
        jdbc.sql(
                        "update regions set state = 'FREE', grant_id = null"
                                + " where grant_id = ? and host_id = ?")
                .params(grantId, hostId)
                .update();
    }

    /// Removes the regions that a grant held in a table that is gone, in the transaction at hand.
    public void remove(UUID grantId, UUID hostId) {
        jdbc.sql("delete from regions where grant_id = ? and host_id = ?")
                .params(grantId, hostId)
                .update();
    }
}
