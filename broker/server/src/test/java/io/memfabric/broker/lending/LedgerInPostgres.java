package io.memfabric.broker.lending;

import io.memfabric.broker.policy.ledger.Medium;
import io.memfabric.broker.policy.ledger.Reconciliation;
import io.memfabric.broker.policy.ledger.Region;
import io.memfabric.broker.policy.ledger.RegionLedger;
import io.memfabric.broker.policy.ledger.TableId;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// The ledger of a broker of its own, with its triggers and constraints. Its grants are over, so that
/// nothing but the test moves them.
final class LedgerInPostgres implements LedgerUnderTest {

    private final TestBroker broker;
    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final RegionLedger regions;
    private final UUID elsewhere = UUID.randomUUID();

    LedgerInPostgres() {
        try {
            broker = TestBroker.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        jdbc = broker.bean(JdbcClient.class);
        transactions = new TransactionTemplate(broker.bean(PlatformTransactionManager.class));
        regions = new WithLegs(broker.bean(RegionLedger.class), jdbc);
        add(elsewhere);
    }

    @Override
    public RegionLedger regions() {
        return regions;
    }

    @Override
    public <T> T change(Supplier<T> change) {
        return transactions.execute(_ -> change.get());
    }

    @Override
    public void add(UUID hostId) {
        jdbc.sql(
                        "insert into hosts (id, name, mode, lend_limit_bytes, data_address,"
                                + " agent_version, created_at, revision) values"
                                + " (:id, :name, 'HARVEST', 0, '192.0.2.1:7700', '1', now(), 0)")
                .param("id", hostId)
                .param("name", hostId.toString())
                .update();
    }

    /// It has an extent and a leg at a host without regions, as the schema wants it.
    @Override
    public void addGrant(UUID grantId) {
        jdbc.sql(
                        """
                        with new_grant as (
                            insert into grants (id, vm_id, borrower_id, requested_bytes, size_bytes,
                                attach_mode, latency_class, copies, serial, epoch, state, device,
                                created_at, updated_at, revision, repair)
                            values (:id, :id, :host, 67108864, 67108864, 'SWAP', 'ANY', 1, :serial,
                                1, 'RELEASED', 'ABSENT', now(), now(), 0, 'NONE')),
                        new_extent as (insert into extents values (:id, 0)),
                        new_lender as (
                            insert into lenders (grant_id, share, borrower_id, host_id, boot_id,
                                capability, state, asked_at)
                            values (:id, 0, :host, :host, :id, repeat('0', 32), 'FENCED', now()))
                        insert into legs (grant_id, extent_index, leg_index, share, host_id,
                            boot_id, region_id, generation, state, use)
                        values (:id, 0, 0, 0, :host, :id, 1, 1, 'ENDED', 'HELD')
                        """)
                .param("id", grantId)
                .param("host", elsewhere)
                .param("serial", grantId.toString().substring(0, 18))
                .update();
    }

    @Override
    public void close() {
        broker.close();
    }

    /// Writes legs beside the claims, as grants do.
    private record WithLegs(RegionLedger regions, JdbcClient jdbc) implements RegionLedger {

        @Override
        public List<Region> regions(TableId table) {
            return regions.regions(table);
        }

        @Override
        public List<RegionClaim> claim(UUID grantId, TableId table, int count) {
            List<RegionClaim> claims = regions.claim(grantId, table, count);
            claims.forEach(c -> addLeg(grantId, table, c.regionId(), c.generation()));
            return claims;
        }

        @Override
        public boolean recognise(UUID grantId, TableId table, Map<Long, Long> generations) {
            boolean all = regions.recognise(grantId, table, generations);
            if (all) {
                generations.forEach((id, generation) -> addLeg(grantId, table, id, generation));
            }
            return all;
        }

        private void addLeg(UUID grantId, TableId table, long regionId, long generation) {
            jdbc.sql(
                            """
                            insert into lenders (grant_id, share, borrower_id, host_id, boot_id,
                                capability, state, asked_at)
                            select grant_id, max(share) + 1, borrower_id, :host, :boot,
                                repeat('0', 32), 'FENCED', now() from lenders
                            where grant_id = :grant group by grant_id, borrower_id
                            having not coalesce(bool_or(boot_id = :boot), false)
                            """)
                    .param("grant", grantId)
                    .param("host", table.hostId())
                    .param("boot", table.bootId())
                    .update();
            jdbc.sql(
                            """
                            insert into legs (grant_id, extent_index, leg_index, share, host_id,
                                boot_id, region_id, generation, state, use)
                            select grant_id, 0, 0, share, host_id, boot_id, :region, :generation,
                                'LIVE', 'PAST'
                            from lenders where grant_id = :grant and boot_id = :boot
                            """)
                    .param("grant", grantId)
                    .param("boot", table.bootId())
                    .param("region", regionId)
                    .param("generation", generation)
                    .update();
        }

        @Override
        public void free(UUID grantId, TableId table, Collection<Long> regionIds) {
            regions.free(grantId, table, regionIds);
            endLegs(grantId, table, regionIds);
        }

        @Override
        public void withdraw(TableId table, Collection<Long> regionIds) {
            regions.withdraw(table, regionIds);
        }

        @Override
        public void remove(UUID grantId, TableId table, Collection<Long> regionIds) {
            regions.remove(grantId, table, regionIds);
            endLegs(grantId, table, regionIds);
        }

        private void endLegs(UUID grantId, TableId table, Collection<Long> regionIds) {
            jdbc.sql(
                            "update legs set state = 'ENDED' where grant_id = ? and host_id = ?"
                                    + " and boot_id = ? and region_id = any(?) and state = 'LIVE'")
                    .params(grantId, table.hostId(), table.bootId(), regionIds.toArray(Long[]::new))
                    .update();
        }

        @Override
        public Reconciliation apply(TableId table, Medium medium, List<RegionReport> inventory) {
            return regions.apply(table, medium, inventory);
        }

        @Override
        public void forgetOthers(UUID hostId, @Nullable UUID bootId, Medium medium) {
            regions.forgetOthers(hostId, bootId, medium);
        }
    }
}
