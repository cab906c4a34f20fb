package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.contract.agent.FenceRegions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Lenders that restart and lose their region table.
class LostTableIT {

    private static final long MIB = 1L << 20;

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void tellsThatAnActiveGrantLostALegAndReleasesItAllTheSame() {
        FakeAgent lost = fleet.lender(1);
        FakeAgent kept = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 128 * MIB, 1);

        lost.reboot(2);
        lost.sync();
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(fleet.grant(grant).at("/status/problem/code").asString()).isEqualTo("leg_lost");
        assertThat(fleet.regionStates(lost)).containsExactly("FREE", "FREE");
        assertThat(fleet.grant(grant).at("/status/extents").toString())
                .contains("\"LOST\"")
                .contains("\"LIVE\"");

        fleet.release(grant);
        borrower.obey();
        assertThat(lost.commands()).isEmpty();
        assertThat(kept.obey()).singleElement().isInstanceOf(FenceRegions.class);
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
    }

    @Test
    void failsAGrantWhoseLenderRestartsBeforeItPrepared() {
        FakeAgent lost = fleet.lender(1);
        FakeAgent kept = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        Http.Answer created = fleet.create(Fleet.spec(borrower.vmId(), 128 * MIB));
        kept.obey();

        lost.reboot(1);
        lost.sync();
        assertThat(lost.commands()).isEmpty();
        assertThat(fleet.operation(created).at("/error/code").asString()).isEqualTo("leg_lost");
        kept.obey();
        assertThat(fleet.regionStates(kept)).containsOnly("FREE");
        assertThat(fleet.state(Fleet.grantOf(created))).isEqualTo("FAILED");
    }

    @Test
    void countsAFenceAtALostTableAsDone() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        Http.Answer released = fleet.release(grant);
        borrower.obey();
        assertThat(fleet.state(grant)).isEqualTo("FENCED");

        lender.reboot(1);
        lender.sync();
        assertThat(lender.commands()).isEmpty();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        assertThat(fleet.operation(released).has("error")).isFalse();
    }

    @Test
    void claimsNothingInATableThatTheLenderNoLongerHas() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        lender.reboot(2);
        assertThat(lender.report().inventoryWanted()).isTrue();
        assertThat(fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB)).code())
                .isEqualTo("insufficient_capacity");
        lender.sync();
        assertThat(lender.report().inventoryWanted()).isFalse();
        assertThat(fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB)).status()).isEqualTo(202);
    }
}
