package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.invariant.Breach;
import io.memfabric.broker.invariant.Invariants;
import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.TestBroker;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// Each rule of the ledger is broken once, behind the back of the constraints, and found.
class InvariantsIT {

    private static final long MIB = 1L << 20;

    private final TestBroker broker = TestBroker.shared();
    private final Invariants invariants = broker.bean(Invariants.class);
    private final JdbcClient jdbc = JdbcClient.create(broker.bean(DataSource.class));
    private final TransactionTemplate transactions =
            new TransactionTemplate(broker.bean(PlatformTransactionManager.class));
    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
        counters_of_hosts_agree | update hosts set offered_regions = offered_regions + 1 where id = '%2$s'
        claimed_regions_have_a_leg | update legs set state = 'ENDED' where grant_id = '%1$s'
        disks_serve_their_own_host | update regions set medium = 'DISK' where grant_id = '%1$s'
        live_legs_have_a_region | delete from regions where grant_id = '%1$s'
        grants_have_their_legs | update legs set use = 'PAST' where grant_id = '%1$s'
        released_grants_hold_nothing | update grants set state = 'RELEASED', device = 'ABSENT' where id = '%1$s'
        shares_and_legs_agree | update lenders set state = 'FENCED' where grant_id = '%1$s'
        what_is_awaited_was_asked | update lenders set state = 'PREPARING' where grant_id = '%1$s'
        operations_end_with_their_grant | update operations set done = false, done_at = null where grant_id = '%1$s'; update grants set state = 'RELEASED', device = 'ABSENT' where id = '%1$s'
        hosts_lend_what_they_offer | alter table hosts drop constraint hosts_lend_what_they_offer; update hosts set blocked_regions = 99 where id = '%2$s'
        one_live_owner | drop index one_live_owner; insert into legs select grant_id, extent_index, leg_index, host_id, boot_id, region_id, generation + 1, state, share, 'PAST' from legs where grant_id = '%1$s'
        """)
    void findsWhatIsBroken(String rule, String sql) {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        String broken = sql.formatted(grant, lender.hostId());
        List<Breach> found =
                transactions.execute(
                        status -> {
                            status.setRollbackOnly();
                            jdbc.sql("set local session_replication_role = replica").update();
                            for (String statement : broken.split(";", -1)) {
                                jdbc.sql(statement).update();
                            }
                            return invariants.breaches();
                        });
        assertThat(found).extracting(Breach::rule).contains(rule);
        assertThat(found)
                .filteredOn(breach -> breach.rule().equals(rule))
                .allSatisfy(
                        breach ->
                                assertThat(breach.subject() + breach.detail())
                                        .containsAnyOf(grant, lender.hostId().toString()));
        assertThat(invariants.breaches()).isEmpty();
    }

    @Test
    void showsItsStateToWhoHasAToken() {
        Http.Answer answer = broker.admin().get("/actuator/health/ledger");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().at("/components/invariants/status").asString()).isEqualTo("UP");
        assertThat(broker.caller("").get("/actuator/health/ledger").status()).isEqualTo(401);
    }
}
