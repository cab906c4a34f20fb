package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.ReplaceLegs;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Recalls that find no room on any other host, and the disks of the borrowers.
class SpillIT {

    private static final long MIB = 1L << 20;

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void aRecallWithoutAnotherLenderEndsOnTheDiskAndComesBackFromThere() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent borrower = borrowerWithDisk(3);
        String grant = fleet.active(borrower, 128 * MIB, 1);
        assertThat(fleet.grant(grant).at("/status/spilledBytes").isMissingNode()).isTrue();

        Http.Answer recall = recall(lender, 128 * MIB, 2);
        await(() -> spilledAt(borrower) == 2);
        assertThat(text(recall, "plan")).contains("2 of them to their borrowers' disks");
        borrower.obey();
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(fleet.grant(grant).at("/status/spilledBytes").asLong()).isEqualTo(128 * MIB);
        List<AgentCommand> fences = lender.obey();
        assertThat(fences).hasOnlyElementsOfTypes(FenceRegions.class);
        assertThat(lender.offered()).isZero();
        await(() -> text(recall, "state").equals("DONE"));
        assertThat(media(borrower)).containsExactly("DISK", "DISK", "DISK");
        assertThat(offered(borrower)).isZero();
        assertThat(fleet.eventTypes(grant))
                .contains("grant_spilled")
                .doesNotContain("grant_unspilled");

        FakeAgent other = fleet.lender(2);
        await(() -> !other.obey().isEmpty());
        assertThat(borrower.obey()).hasOnlyElementsOfTypes(ReplaceLegs.class);
        assertThat(borrower.legsAt(other)).hasSize(2);
        List<AgentCommand> ends = borrower.obey();
        assertThat(ends).allMatch(c -> c instanceof FenceRegions f && !f.withdraw());
        assertThat(borrower.spill.claimed()).isZero();
        assertThat(fleet.regionStates(borrower)).containsOnly("FREE");
        assertThat(fleet.grant(grant).at("/status/spilledBytes").isMissingNode()).isTrue();
        assertThat(fleet.eventTypes(grant)).contains("grant_unspilled");
        fleet.release(grant);
        fleet.settle();
        assertThat(fleet.regionStates(other)).containsOnly("FREE");
    }

    @Test
    void whatFitsElsewhereIsMovedAndOnlyTheRestIsSpilled() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent borrower = borrowerWithDisk(2);
        String grant = fleet.active(borrower, 128 * MIB, 1);
        FakeAgent other = fleet.lender(1);

        recall(lender, 128 * MIB, 2);
        await(
                () -> {
                    other.obey();
                    borrower.obey();
                    return borrower.spill.claimed() == 1;
                });
        fleet.settle();
        assertThat(borrower.legsAt(other)).hasSize(1);
        assertThat(fleet.grant(grant).at("/status/spilledBytes").asLong()).isEqualTo(64 * MIB);
        assertThat(lender.offered()).isZero();
        fleet.release(grant);
        fleet.settle();
        assertThat(borrower.spill.claimed()).isZero();
    }

    @Test
    void whatIsGuaranteedIsSpilledAfterTheDeadlineOnly() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = borrowerWithDisk(1);
        String grant = active(borrower, "GUARANTEED");
        Http.Answer recall = recall(lender, 64 * MIB, 2);
        await(() -> spilledAt(borrower) == 1);
        assertThat(text(recall, "late")).isEqualTo("true");
        fleet.settle();
        assertThat(fleet.eventTypes(grant)).contains("grant_spilled");
        fleet.release(grant);
        fleet.settle();
    }

    @Test
    void spotComesBackLast() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent one = borrowerWithDisk(1);
        FakeAgent two = borrowerWithDisk(1);
        String spot = active(one, "SPOT");
        String standard = active(two, "STANDARD");
        recall(lender, 128 * MIB, 2);
        await(
                () ->
                        spilledAt(one) + spilledAt(two) == 2
                                && lender.obey().isEmpty()
                                && lender.offered() == 0);
        FakeAgent other = fleet.lender(1);
        await(() -> !other.obey().isEmpty());
        fleet.settle();
        assertThat(spilledBytes(spot)).isEqualTo(64 * MIB);
        assertThat(spilledBytes(standard)).isZero();
        fleet.release(spot);
        fleet.release(standard);
        fleet.settle();
    }

    private long spilledBytes(String grant) {
        return fleet.grant(grant).at("/status/spilledBytes").asLong(0);
    }

    private String active(FakeAgent borrower, String notice) {
        Map<String, Object> spec = Fleet.spec(borrower.vmId(), 64 * MIB);
        spec.put("notice", notice);
        String grant = Fleet.grantOf(fleet.create(spec));
        fleet.settle();
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        return grant;
    }

    @Test
    void theLastCopyOfTwoIsDroppedOnceTheDiskHasAnother() {
        FakeAgent first = fleet.lender(1);
        FakeAgent second = fleet.lender(1);
        FakeAgent borrower = borrowerWithDisk(2);
        String grant = fleet.active(borrower, 64 * MIB, 2);
        recall(first, 64 * MIB, 60);
        await(() -> dropped(borrower, first));
        assertThat(fleet.state(grant)).isEqualTo("DEGRADED");

        Http.Answer recall = recall(second, 64 * MIB, 2);
        await(() -> spilledAt(borrower) == 1);
        assertThat(text(recall, "plan"))
                .contains("1 last copies once their borrowers have another");
        assertThat(fleet.regionStates(second)).containsOnly("CLAIMED");
        await(() -> !borrower.obey().isEmpty());
        assertThat(spilledBytes(grant)).isEqualTo(64 * MIB);
        borrower.sync();
        fleet.hear();
        assertThat(borrower.commands()).isEmpty();
        borrower.say(UUID.fromString(grant), List.of());
        borrower.sync();
        await(() -> dropped(borrower, second));
        await(() -> text(recall, "state").equals("DONE"));
        assertThat(spilledBytes(grant)).isEqualTo(64 * MIB);
        assertThat(fleet.state(grant)).isEqualTo("DEGRADED");

        FakeAgent third = fleet.lender(1);
        await(() -> whole(grant, borrower, third));
        assertThat(spilledBytes(grant)).isEqualTo(64 * MIB);
        FakeAgent fourth = fleet.lender(1);
        await(() -> whole(grant, borrower, fourth) && spilledAt(borrower) == 0);
        assertThat(borrower.legsAt(third)).hasSize(1);
        assertThat(borrower.legsAt(fourth)).hasSize(1);
        fleet.release(grant);
        fleet.settle();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        assertThat(fleet.regionStates(third)).containsOnly("FREE");
    }

    /// Whether a new lender has a copy, and all copies have every page.
    private boolean whole(String grant, FakeAgent borrower, FakeAgent lender) {
        lender.obey();
        borrower.obey();
        borrower.say(UUID.fromString(grant), List.of());
        borrower.sync();
        return !borrower.legsAt(lender).isEmpty() && fleet.state(grant).equals("ACTIVE");
    }

    private static boolean dropped(FakeAgent borrower, FakeAgent lender) {
        borrower.obey();
        lender.obey();
        return lender.offered() == 0;
    }

    @Test
    void placementNeverSeesADisk() {
        FakeAgent disk = fleet.lender(0);
        disk.spill.make(4);
        FakeAgent borrower = borrowerWithDisk(4);
        fleet.sync();
        assertThat(fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB)).code())
                .contains("insufficient_capacity");
        assertThat(offered(disk)).isZero();
    }

    @Test
    void aFullDiskLeavesTheGrantWhereItIs() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = borrowerWithDisk(1);
        String grant = fleet.active(borrower, 64 * MIB, 1);
        Http.Answer recall = recall(lender, 64 * MIB, 2);
        await(() -> !borrower.refuse("spill_full").isEmpty());
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        await(() -> text(recall, "problem").contains("1 regions find no place"));
        assertThat(fleet.regionStates(lender)).containsOnly("CLAIMED");
        fleet.settle();
        assertThat(fleet.regionStates(borrower)).containsOnly("FREE");
        fleet.release(grant);
        fleet.settle();
    }

    @Test
    void aDiskThatIsLostIsALenderThatIsLost() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = borrowerWithDisk(1);
        String grant = fleet.active(borrower, 64 * MIB, 1);
        recall(lender, 64 * MIB, 2);
        await(() -> spilledAt(borrower) == 1);
        fleet.settle();
        borrower.spill.lose();
        borrower.sync();
        assertThat(fleet.grant(grant).at("/status/problem/code").asString()).isEqualTo("leg_lost");
        fleet.release(grant);
        fleet.settle();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        assertThat(fleet.regionStates(borrower)).containsOnly("FREE");
    }

    private static long spilledAt(FakeAgent borrower) {
        borrower.obey();
        return borrower.spill.claimed();
    }

    private FakeAgent borrowerWithDisk(int regions) {
        FakeAgent borrower = fleet.borrower();
        borrower.spill.make(regions);
        borrower.sync();
        return borrower;
    }

    private long offered(FakeAgent host) {
        return fleet.admin()
                .get("/api/v1/hosts/" + host.hostId())
                .body()
                .at("/status/offeredBytes")
                .asLong(-1);
    }

    private List<String> media(FakeAgent host) {
        return fleet.regions(host).stream().map(r -> r.at("/status/medium").asString()).toList();
    }

    private Http.Answer recall(FakeAgent lender, long bytes, int seconds) {
        fleet.hear();
        return fleet.admin()
                .post(
                        "/api/v1/hosts/" + lender.hostId() + "/recalls",
                        Map.of("spec", Map.of("bytes", bytes, "deadlineSeconds", seconds)),
                        "Idempotency-Key",
                        UUID.randomUUID().toString());
    }

    private String text(Http.Answer recall, String field) {
        JsonNode now =
                fleet.admin().get("/api/v1/recalls/" + recall.body().get("id").asString()).body();
        return now.at("/status/" + field).asString("");
    }

    private void await(BooleanSupplier isSo) {
        Poll.until(
                () -> {
                    fleet.hear();
                    return isSo.getAsBoolean();
                });
    }
}
