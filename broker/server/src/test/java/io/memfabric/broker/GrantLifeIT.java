package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Tokens;
import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.region.ExportName;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GrantLifeIT {

    private static final long MIB = 1L << 20;

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void givesMemoryAndTakesItBack() {
        FakeAgent lender = fleet.lender(4);
        FakeAgent borrower = fleet.borrower();

        Http.Answer created = fleet.create(Fleet.spec(borrower.vmId(), 130 * MIB));
        String grant = Fleet.grantOf(created);
        assertThat(fleet.state(grant)).isEqualTo("RESERVED");
        assertThat(fleet.regionStates(lender))
                .containsExactly("CLAIMED", "CLAIMED", "CLAIMED", "FREE");

        AgentCommand prepare = lender.obey().getFirst();
        assertThat(fleet.state(grant)).isEqualTo("PREPARED");
        AgentCommand attach = borrower.obey().getFirst();
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(fleet.operation(created).at("/done").asBoolean()).isTrue();
        assertThat(fleet.operation(created).has("error")).isFalse();
        checkThatTheyFit((PrepareRegions) prepare, (AttachGrant) attach, lender);
        assertThat(fleet.grant(grant).at("/status/sizeBytes").asLong()).isEqualTo(192 * MIB);
        assertThat(fleet.grant(grant).at("/spec/sizeBytes").asLong()).isEqualTo(130 * MIB);

        Http.Answer released = fleet.release(grant);
        assertThat(fleet.state(grant)).isEqualTo("DRAINING");
        assertThat(lender.commands()).isEmpty();
        assertThat(borrower.obey()).singleElement().isInstanceOf(DetachGrant.class);
        assertThat(fleet.state(grant)).isEqualTo("FENCED");
        assertThat(lender.obey()).singleElement().isInstanceOf(FenceRegions.class);
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        assertThat(fleet.operation(released).at("/done").asBoolean()).isTrue();
        assertThat(fleet.regionStates(lender)).containsOnly("FREE");
    }

    /// What the borrower is told is what the lender was told.
    private static void checkThatTheyFit(
            PrepareRegions prepare, AttachGrant attach, FakeAgent lender) {
        assertThat(attach.tenantId()).isEqualTo(UUID.fromString(Tokens.DEFAULT_TENANT));
        assertThat(attach.sizeBytes()).isEqualTo(192 * MIB);
        assertThat(attach.extents()).hasSize(3);
        Set<Long> regions = new HashSet<>();
        for (var extent : attach.extents()) {
            LegPlan leg = extent.legs().getFirst();
            ExportName export = ExportName.parse(leg.exportName());
            assertThat(leg.lenderId()).isEqualTo(lender.hostId());
            assertThat(export.capability()).isEqualTo(prepare.capability());
            assertThat(export.bootId()).isEqualTo(lender.bootId());
            assertThat(export.generation()).isEqualTo(1);
            assertThat(export.grantId()).isEqualTo(attach.grantId());
            regions.add(export.regionId());
        }
        assertThat(prepare.regions())
                .extracting(claim -> claim.regionId())
                .containsExactlyInAnyOrderElementsOf(regions);
    }

    @Test
    void raisesTheGenerationWithEveryGrant() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        for (int generation = 1; generation <= 3; generation++) {
            String grant = fleet.active(borrower, 64 * MIB, 1);
            assertThat(lender.region(1).generation()).isEqualTo(generation);
            fleet.release(grant);
            fleet.settle();
            assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        }
    }

    @Test
    void failsAndFencesEveryLenderWhenOneRefusesToPrepare() {
        FakeAgent one = fleet.lender(1);
        FakeAgent other = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        Http.Answer created = fleet.create(Fleet.spec(borrower.vmId(), 128 * MIB));
        String grant = Fleet.grantOf(created);

        one.obey();
        other.refuse("stale_generation");
        assertThat(fleet.state(grant)).isEqualTo("FAILED");
        assertThat(fleet.operation(created).at("/error/code").asString())
                .isEqualTo("stale_generation");
        assertThat(fleet.regionStates(one)).containsOnly("CLAIMED");
        assertThat(one.obey()).singleElement().isInstanceOf(FenceRegions.class);
        assertThat(fleet.regionStates(one)).containsOnly("FREE");
        assertThat(other.obey()).singleElement().isInstanceOf(FenceRegions.class);
        assertThat(fleet.regionStates(other)).containsOnly("FREE");
        assertThat(borrower.commands()).isEmpty();
        assertThat(fleet.release(grant).code()).isEqualTo("grant_not_live");
    }

    @Test
    void takesTheDeviceAwayBeforeItFencesAfterARefusedAttach() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        Http.Answer created = fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB));
        String grant = Fleet.grantOf(created);
        lender.obey();

        borrower.refuse("no_free_slot");
        assertThat(fleet.state(grant)).isEqualTo("FAILED");
        assertThat(fleet.operation(created).at("/error/code").asString()).isEqualTo("no_free_slot");
        assertThat(fleet.grant(grant).at("/status/problem/code").asString())
                .isEqualTo("no_free_slot");
        assertThat(lender.commands()).isEmpty();
        assertThat(borrower.obey()).singleElement().isInstanceOf(DetachGrant.class);
        assertThat(lender.obey()).singleElement().isInstanceOf(FenceRegions.class);
        assertThat(fleet.regionStates(lender)).containsOnly("FREE");
    }

    @Test
    void isActiveAgainWhenTheGuestKeepsTheDevice() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);

        Http.Answer released = fleet.release(grant);
        borrower.refuse("guest_needs_memory");
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(fleet.operation(released).at("/done").asBoolean()).isTrue();
        assertThat(fleet.operation(released).at("/error/code").asString())
                .isEqualTo("guest_needs_memory");
        assertThat(lender.commands()).isEmpty();

        fleet.release(grant);
        fleet.settle();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
    }

    @Test
    void cancelsAGrantThatIsStillBeingPrepared() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        Http.Answer created = fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB));
        String grant = Fleet.grantOf(created);

        Http.Answer released = fleet.release(grant);
        assertThat(fleet.operation(created).at("/error/code").asString())
                .isEqualTo("grant_released");
        assertThat(lender.obey())
                .hasExactlyElementsOfTypes(PrepareRegions.class, FenceRegions.class);
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        assertThat(fleet.operation(released).has("error")).isFalse();
        assertThat(borrower.commands()).isEmpty();
        assertThat(fleet.regionStates(lender)).containsOnly("FREE");
    }

    @Test
    void cancelsAGrantThatIsJustBeingAttached() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = Fleet.grantOf(fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB)));
        lender.obey();

        fleet.release(grant);
        assertThat(lender.commands()).isEmpty();
        assertThat(borrower.obey()).hasExactlyElementsOfTypes(AttachGrant.class, DetachGrant.class);
        lender.obey();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
    }

    @Test
    void releasesOnceHoweverOftenItIsAsked() {
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);

        Http.Answer first = fleet.release(grant);
        Http.Answer second = fleet.release(grant);
        assertThat(Fleet.operationOf(second)).isEqualTo(Fleet.operationOf(first));
        assertThat(borrower.commands()).hasSize(1);
        fleet.settle();
        Http.Answer third = fleet.release(grant);
        assertThat(third.status()).isEqualTo(409);
        assertThat(third.code()).isEqualTo("grant_not_live");
    }

    @Test
    void recordsAResultOnceHoweverOftenItComes() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = Fleet.grantOf(fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB)));
        AgentCommand prepare = lender.obey().getFirst();
        lender.answer(CommandResult.refused(prepare.commandId(), "late", "a second thought"));
        assertThat(fleet.state(grant)).isEqualTo("PREPARED");
    }

    @Test
    void putsTwoCopiesOnTwoHosts() {
        FakeAgent one = fleet.lender(3);
        FakeAgent other = fleet.lender(3);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 192 * MIB, 2);

        fleet.grant(grant)
                .at("/status/extents")
                .forEach(
                        extent ->
                                assertThat(
                                                List.of(
                                                        extent.at("/legs/0/hostId").asString(),
                                                        extent.at("/legs/1/hostId").asString()))
                                        .containsExactlyInAnyOrder(
                                                one.hostId().toString(),
                                                other.hostId().toString()));
        Map<String, Object> third = Fleet.spec(borrower.vmId(), 64 * MIB);
        assertThat(fleet.create(third).code()).isEqualTo("insufficient_capacity");
    }

    @Test
    void neverBorrowsFromItself() {
        FakeAgent both = fleet.lender(8);
        UUID vm = both.addVm(io.memfabric.contract.agent.VmReport.State.RUNNING, true);
        both.report();
        Http.Answer refused = fleet.create(Fleet.spec(vm, 64 * MIB));
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.code()).isEqualTo("insufficient_capacity");
        assertThat(refused.body().at("/retryable").asBoolean()).isTrue();
        assertThat(fleet.regionStates(both)).containsOnly("FREE");
    }

    @Test
    void lendsNoMoreThanTheLimit() {
        fleet.lender(4, 130 * MIB);
        FakeAgent borrower = fleet.borrower();
        assertThat(fleet.create(Fleet.spec(borrower.vmId(), 192 * MIB)).code())
                .isEqualTo("insufficient_capacity");
        assertThat(fleet.create(Fleet.spec(borrower.vmId(), 128 * MIB)).status()).isEqualTo(202);
    }
}
