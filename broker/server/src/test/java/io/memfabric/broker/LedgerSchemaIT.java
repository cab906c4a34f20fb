package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.TestBroker;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.NestedRuntimeException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// What the database refuses by itself, whatever the code above it does.
class LedgerSchemaIT {

    private static final long MIB = 1L << 20;

    private final DataSource database = TestBroker.shared().bean(DataSource.class);
    private final JdbcClient jdbc = JdbcClient.create(database);
    private final TransactionTemplate transactions =
            new TransactionTemplate(new DataSourceTransactionManager(database));
    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void refusesASecondLiveOwnerOfARegion() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        UUID first = UUID.fromString(fleet.active(borrower, 64 * MIB, 1));
        UUID second = UUID.fromString(fleet.active(borrower, 64 * MIB, 1));
        refuses(
                "one_live_owner",
                "update legs set state = 'ENDED' where grant_id = '%s'".formatted(second),
                "insert into extents values ('%s', 1)".formatted(second),
                leg(second, "1, 0", "region_id", "generation + 1", "'LIVE'").formatted(first));
        assertThat(lender.region(1).generation()).isEqualTo(1);
    }

    @Test
    void refusesAGenerationOrAnEpochThatFalls() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        String other = fleet.active(borrower, 64 * MIB, 1);
        String regions = "update regions set %s where grant_id = '" + grant + "'";
        refuses("would fall", regions.formatted("generation = 0"));
        refuses(
                "claimed without being free",
                regions.formatted("grant_id = '" + other + "', generation = 9"));
        refuses(
                "would fall",
                "update grants set epoch = epoch + 1 where id = '%s'".formatted(grant),
                "update grants set epoch = epoch - 1 where id = '%s'".formatted(grant));
        refuses(
                "would fall",
                "update hosts set command_revision = 0 where id = '%s'".formatted(lender.hostId()));
    }

    @Test
    void refusesAnOldGenerationOfALeg() {
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        refuses(
                "was claimed in generation",
                "insert into extents values ('%s', 1)".formatted(grant),
                leg(grant, "1, 0", "region_id", "generation", "'ENDED'").formatted(grant));
        refuses(
                "a leg that ended stays ended",
                "update legs set state = 'ENDED' where grant_id = '%s'".formatted(grant),
                "update legs set state = 'LIVE' where grant_id = '%s'".formatted(grant));
    }

    @Test
    void refusesMemoryOfTheBorrowersHostAndTwoLegsOnOneHost() {
        FakeAgent one = fleet.lender(2);
        fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 2);
        one.spill.make(1);
        borrower.spill.make(1);
        borrower.offer(1);
        fleet.sync();
        String lends =
                "insert into lenders (grant_id, share, borrower_id, host_id, boot_id, capability,"
                        + " state, asked_at) select grant_id, 7, borrower_id, '%s', '%s',"
                        + " capability, state, asked_at from lenders where grant_id = '"
                        + grant
                        + "' limit 1";
        refuses("the memory of host", lends.formatted(borrower.hostId(), borrower.bootId()));
        refuses("the disk of host", lends.formatted(one.hostId(), one.spill.bootId()));
        refuses(
                "of another medium",
                "update regions set medium = 'MEMORY' where host_id = '%s'"
                        .formatted(borrower.hostId()));
        refuses(
                "legs_of_an_extent_on_different_hosts",
                "delete from legs where grant_id = '%s' and leg_index = 1".formatted(grant),
                leg(grant, "0, 1", "region_id + 1", "generation", "'LIVE'").formatted(grant));
        assertThat(one.commands()).isEmpty();
    }

    @Test
    void refusesASecondLegInAPlaceAndALegThatComesBack() {
        fleet.lender(2);
        fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 2);
        refuses(
                "one_leg_in_use",
                "update legs set state = 'LOST' where grant_id = '%s' and leg_index = 1"
                        .formatted(grant),
                leg(grant, "0, 1", "region_id + 9", "generation", "'LIVE'").formatted(grant)
                        + " and leg_index = 1");
        refuses(
                "cannot go from PAST",
                "update legs set use = 'PAST' where grant_id = '%s'".formatted(grant),
                "update legs set use = 'HELD' where grant_id = '%s'".formatted(grant));
        refuses(
                "has 1 extents and 1 legs",
                "update grants set state = 'DEGRADED', repair = 'JOINING' where id = '%s'"
                        .formatted(grant),
                "update legs set use = 'PAST' where grant_id = '%s' and leg_index = 0"
                        .formatted(grant));
    }

    @Test
    void letsNoGrantOfOneCopyBeDegraded() {
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        refuses(
                "only_mirrored_grants_are_repaired",
                "update grants set state = 'DEGRADED' where id = '%s'".formatted(grant));
    }

    /// A leg of a grant, made from those of a grant that is still to be named.
    private static String leg(
            Object grant, String place, String region, String generation, String state) {
        return "insert into legs (grant_id, extent_index, leg_index, share, host_id, boot_id,"
                + " region_id, generation, state, use) select '%s', %s, share, host_id, boot_id, %s, %s, %s, 'HELD'"
                        .formatted(grant, place, region, generation, state)
                + " from legs where grant_id = '%s'";
    }

    @Test
    void refusesAGrantThatDoesNotAddUp() {
        fleet.lender(3);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 128 * MIB, 1);
        String copy =
                "insert into grants select gen_random_uuid(), vm_id, borrower_id, %s, %s,"
                        + " attach_mode, latency_class, copies, 'x' || left(random()::text, 12), epoch,"
                        + " 'RESERVED', 'ABSENT', null, null, created_at, updated_at, 0, 'NONE'"
                        + " from grants where id = '"
                        + grant
                        + "'";
        refuses("grants_are_whole_regions", copy.formatted("1", "1"));
        refuses("grants_are_whole_regions", copy.formatted("0", "67108864"));
        refuses("grants_are_whole_regions", copy.formatted("1", "134217728"));
        refuses("has 0 extents and 0 legs", copy.formatted("67108864", "67108864"));
    }

    @Test
    void refusesAStateThatCannotFollow() {
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        for (String state : List.of("RESERVED", "PREPARED", "FENCED", "RELEASED", "FAILED")) {
            refuses(
                    "cannot go from ACTIVE",
                    "update grants set device = 'ABSENT', state = '%s' where id = '%s'"
                            .formatted(state, grant));
        }
    }

    @Test
    void countsTheRegionsOfAHostAndLetsNobodyLendMore() {
        FakeAgent lender = fleet.lender(3);
        FakeAgent borrower = fleet.borrower();
        fleet.active(borrower, 128 * MIB, 1);
        assertThat(
                        jdbc.sql(
                                        "select offered_regions || '/' || claimed_regions from"
                                                + " hosts where id = ?")
                                .param(lender.hostId())
                                .query(String.class)
                                .single())
                .isEqualTo("3/2");
        refuses(
                "hosts_lend_what_they_offer",
                "update hosts set claimed_regions = 4 where id = '%s'".formatted(lender.hostId()));
    }

    @Test
    void neverChangesAnEventOrAnAnsweredCommand() {
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        refuses("only ever added", "update events set detail = ''");
        refuses("only ever added", "delete from events");
        refuses("only ever added", "truncate events");
        refuses(
                "answered once",
                "update commands set outcome = 'REFUSED', code = 'x' where grant_id = '%s'"
                        .formatted(grant));
    }

    /// Runs statements in one transaction and expects that it fails.
    private void refuses(String because, String... statements) {
        assertThatThrownBy(
                        () ->
                                transactions.executeWithoutResult(
                                        _ -> {
                                            for (String sql : statements) {
                                                jdbc.sql(sql).update();
                                            }
                                        }))
                .isInstanceOf(NestedRuntimeException.class)
                .hasStackTraceContaining(because);
    }
}
