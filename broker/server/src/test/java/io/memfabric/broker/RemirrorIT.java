package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.LegReport;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.ReplaceLegs;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Mirrored grants whose lenders are lost, and what takes their place.
class RemirrorIT {

    private static final long MIB = 1L << 20;

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void isWholeAgainOnAThirdHost() {
        FakeAgent lost = fleet.lender(2);
        FakeAgent kept = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 128 * MIB, 2);
        FakeAgent third = fleet.lender(2);

        lost.reboot(0);
        lost.sync();
        assertThat(fleet.state(grant)).isEqualTo("DEGRADED");
        assertThat(problem(grant)).isEqualTo("leg_lost");
        repair(third, borrower);
        assertThat(fleet.state(grant)).isEqualTo("DEGRADED");
        borrower.sync();
        assertThat(fleet.state(grant)).isEqualTo("DEGRADED");
        wholeAgain(grant, borrower);
        assertThat(legHosts(grant)).containsOnly(kept.hostId(), third.hostId()).hasSize(4);

        released(grant);
        assertThat(fleet.regionStates(kept)).containsOnly("FREE");
        assertThat(fleet.regionStates(third)).containsOnly("FREE");
    }

    @Test
    void takesTheSameHostAgainAfterItsRestart() {
        FakeAgent lost = fleet.lender(2);
        FakeAgent kept = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 128 * MIB, 2);

        for (int restart = 0; restart < 3; restart++) {
            lost.reboot(2);
            lost.sync();
            repair(lost, borrower);
            wholeAgain(grant, borrower);
            assertThat(borrower.legsAt(lost)).hasSize(2);
        }
        assertThat(legHosts(grant)).containsOnly(kept.hostId(), lost.hostId());
        released(grant);
        assertThat(fleet.regionStates(lost)).containsExactly("FREE", "FREE");
    }

    @Test
    void waitsForAThirdHostAndTakesItWhenItComes() {
        FakeAgent lost = fleet.lender(2);
        FakeAgent kept = fleet.lender(8);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 128 * MIB, 2);

        lost.reboot(0);
        lost.sync();
        keepHeard(() -> "no_place_for_copy".equals(problem(grant)));
        assertThat(fleet.state(grant)).isEqualTo("DEGRADED");
        assertThat(kept.commands()).isEmpty();

        FakeAgent third = fleet.lender(1);
        repair(third, borrower);
        assertThat(legHosts(grant)).containsOnlyOnce(third.hostId());
        FakeAgent fourth = fleet.lender(1);
        repair(fourth, borrower);
        wholeAgain(grant, borrower);
        assertThat(legHosts(grant)).containsOnlyOnce(third.hostId(), fourth.hostId());
        released(grant);
    }

    @Test
    void replacesASilentLenderAndFencesItWhenItIsBack() {
        FakeAgent silent = fleet.lender(1);
        FakeAgent kept = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 2);
        FakeAgent third = fleet.lender(1);

        borrower.say(UUID.fromString(grant), silent, LegReport.Reach.BROKEN);
        borrower.sync();
        assertThat(fleet.state(grant)).isEqualTo("DEGRADED");
        assertThat(problem(grant)).isEqualTo("copy_missing");
        List<FakeAgent> others = List.of(kept, borrower, third);
        Poll.until(
                () -> {
                    others.forEach(FakeAgent::report);
                    return !third.commands().isEmpty();
                });
        assertThat(silent.commands()).isEmpty();
        third.obey();
        assertThat(borrower.obey()).singleElement().isInstanceOf(ReplaceLegs.class);
        wholeAgain(grant, borrower);
        assertThat(fleet.regionStates(silent)).containsExactly("CLAIMED");

        silent.sync();
        assertThat(silent.obey()).singleElement().isInstanceOf(FenceRegions.class);
        assertThat(fleet.regionStates(silent)).containsExactly("FREE");
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        released(grant);
    }

    @Test
    void leavesALegThatIsOnlyBrokenForAMoment() {
        FakeAgent brief = fleet.lender(1);
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 2);

        borrower.say(UUID.fromString(grant), brief, LegReport.Reach.CONNECTED);
        borrower.sync();
        assertThat(fleet.state(grant)).isEqualTo("DEGRADED");
        wholeAgain(grant, borrower);
        assertThat(borrower.legsAt(brief)).hasSize(1);
        assertThat(fleet.grant(grant).at("/status/problem").isMissingNode()).isTrue();
    }

    @Test
    void replacesALegThatTheBorrowerFoundGone() {
        FakeAgent gone = fleet.lender(2);
        FakeAgent kept = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 128 * MIB, 2);
        FakeAgent third = fleet.lender(2);

        String one = borrower.legsAt(gone).getFirst();
        borrower.say(
                UUID.fromString(grant),
                List.of(new LegReport(0, one, LegReport.Reach.GONE, false, 4096)));
        borrower.sync();
        repair(third, borrower);
        wholeAgain(grant, borrower);
        assertThat(borrower.legsAt(gone)).hasSize(1);
        assertThat(borrower.legsAt(kept)).hasSize(2);
        assertThat(gone.obey())
                .singleElement()
                .isInstanceOfSatisfying(
                        FenceRegions.class, fence -> assertThat(fence.regions()).hasSize(1));
        assertThat(fleet.regionStates(gone)).containsExactlyInAnyOrder("CLAIMED", "FREE");
        released(grant);
        assertThat(fleet.regionStates(gone)).containsOnly("FREE");
    }

    @Test
    void triesAnotherHostWhereOneRefuses() {
        FakeAgent lost = fleet.lender(1);
        FakeAgent kept = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 2);
        FakeAgent unwilling = fleet.lender(5);

        lost.reboot(0);
        lost.sync();
        keepHeard(() -> !unwilling.commands().isEmpty());
        FakeAgent willing = fleet.lender(1);
        unwilling.refuse("stale_generation");
        assertThat(unwilling.obey()).singleElement().isInstanceOf(FenceRegions.class);
        assertThat(fleet.regionStates(unwilling)).containsOnly("FREE");
        repair(willing, borrower);
        wholeAgain(grant, borrower);
        assertThat(legHosts(grant)).containsOnly(kept.hostId(), willing.hostId());
    }

    @Test
    void freesTheNewRegionsThatTheBorrowerRefuses() {
        FakeAgent lost = fleet.lender(1);
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 2);
        FakeAgent third = fleet.lender(1);

        lost.reboot(0);
        lost.sync();
        keepHeard(() -> !third.commands().isEmpty());
        third.obey();
        borrower.refuse("unknown_leg");
        assertThat(third.obey()).singleElement().isInstanceOf(FenceRegions.class);
        assertThat(fleet.regionStates(third)).containsOnly("FREE");
        assertThat(fleet.state(grant)).isEqualTo("DEGRADED");
        assertThat(problem(grant)).isEqualTo("unknown_leg");
        released(grant);
    }

    @Test
    void carriesOnWhenTheNewLenderIsLostBeforeTheBorrowerAnswered() {
        FakeAgent lost = fleet.lender(1);
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 2);
        FakeAgent third = fleet.lender(1);

        lost.reboot(0);
        lost.sync();
        keepHeard(() -> !third.commands().isEmpty());
        third.obey();
        third.reboot(1);
        third.sync();
        borrower.obey();
        repair(third, borrower);
        wholeAgain(grant, borrower);
        assertThat(borrower.legsAt(third)).hasSize(1);
        released(grant);
    }

    @Test
    void saysThatEveryCopyIsLostAndFreesNothingByItself() {
        FakeAgent one = fleet.lender(1);
        FakeAgent other = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 2);

        borrower.say(UUID.fromString(grant), one, LegReport.Reach.GONE);
        borrower.sync();
        other.reboot(0);
        other.sync();
        keepHeard(() -> "all_copies_lost".equals(problem(grant)));
        assertThat(fleet.state(grant)).isEqualTo("DEGRADED");
        assertThat(fleet.regionStates(one)).containsOnly("CLAIMED");
        assertThat(one.commands()).isEmpty();
        assertThat(eventsOf(grant)).contains("grant_degraded", "grant_problem");
        released(grant);
        assertThat(fleet.regionStates(one)).containsOnly("FREE");
    }

    @Test
    void releasesInTheMiddleOfARepair() {
        FakeAgent lost = fleet.lender(1);
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 2);
        FakeAgent third = fleet.lender(1);

        lost.reboot(0);
        lost.sync();
        keepHeard(() -> !third.commands().isEmpty());
        fleet.release(grant);
        fleet.settle();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        assertThat(fleet.regionStates(third)).containsOnly("FREE");
    }

    @Test
    void failsACreationWhoseLenderFellSilentBeforeItPrepared() {
        FakeAgent silent = fleet.lender(1);
        FakeAgent other = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        Http.Answer created = fleet.create(Fleet.spec(borrower.vmId(), 128 * MIB));
        other.obey();
        Poll.until(() -> fleet.operation(created).at("/done").asBoolean());
        assertThat(fleet.operation(created).at("/error/code").asString())
                .isEqualTo("lender_silent");
        assertThat(fleet.regionStates(silent)).containsOnly("CLAIMED");
        other.obey();
        assertThat(silent.obey())
                .hasExactlyElementsOfTypes(PrepareRegions.class, FenceRegions.class);
        assertThat(fleet.regionStates(silent)).containsOnly("FREE");
    }

    /// A round of repair, as far as the borrower's answer.
    private void repair(FakeAgent lender, FakeAgent borrower) {
        keepHeard(() -> !lender.commands().isEmpty());
        assertThat(lender.obey()).singleElement().isInstanceOf(PrepareRegions.class);
        assertThat(borrower.obey()).singleElement().isInstanceOf(ReplaceLegs.class);
    }

    private void keepHeard(java.util.function.BooleanSupplier condition) {
        Poll.until(
                () -> {
                    fleet.hear();
                    return condition.getAsBoolean();
                });
    }

    private void wholeAgain(String grant, FakeAgent borrower) {
        borrower.say(UUID.fromString(grant), List.of());
        borrower.sync();
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(fleet.grant(grant).at("/status/problem").isMissingNode()).isTrue();
    }

    private void released(String grant) {
        fleet.release(grant);
        fleet.settle();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
    }

    private String problem(String grant) {
        return fleet.grant(grant).at("/status/problem/code").asString("");
    }

    private List<UUID> legHosts(String grant) {
        List<UUID> hosts = new ArrayList<>();
        for (JsonNode extent : fleet.grant(grant).at("/status/extents")) {
            for (JsonNode leg : extent.at("/legs")) {
                if (leg.at("/use").asString().equals("HELD")
                        && leg.at("/state").asString().equals("LIVE")) {
                    hosts.add(UUID.fromString(leg.at("/hostId").asString()));
                }
            }
        }
        return hosts;
    }

    private List<String> eventsOf(String grant) {
        List<String> types = new ArrayList<>();
        long after = 0;
        while (true) {
            JsonNode items = fleet.admin().get("/api/v1/events?after=" + after).body().get("items");
            if (items.isEmpty()) {
                return types;
            }
            for (JsonNode event : items) {
                after = event.get("id").asLong();
                if (grant.equals(event.path("grantId").asString(""))) {
                    types.add(event.get("type").asString());
                }
            }
        }
    }
}
