package io.memfabric.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.agent.policy.RegionTable.Preparation;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.region.ExportName;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RegionTableTest {

    private static final UUID BOOT = new UUID(0, 1);
    private static final UUID GRANT = new UUID(0, 2);
    private static final UUID OTHER = new UUID(0, 3);
    private static final String SECRET = "00112233445566778899aabbccddeeff";
    private static final String WRONG = "10112233445566778899aabbccddeeff";

    private final RegionTable free =
            RegionTable.empty(BOOT).withNewRegion().withNewRegion().withNewRegion();

    private static RegionClaim claim(long region, long generation) {
        return new RegionClaim(BOOT, region, generation);
    }

    private static PrepareRegions prepare(UUID grant, long epoch, RegionClaim... claims) {
        return new PrepareRegions(UUID.randomUUID(), grant, epoch, SECRET, List.of(claims));
    }

    private static FenceRegions fence(UUID grant, long epoch, RegionClaim... claims) {
        return new FenceRegions(UUID.randomUUID(), grant, epoch, List.of(claims));
    }

    private static RegionTable claimed(Preparation preparation) {
        assertThat(preparation).isInstanceOf(Preparation.Claimed.class);
        return ((Preparation.Claimed) preparation).next();
    }

    private static void assertRefused(Preparation preparation, String code) {
        assertThat(preparation).isInstanceOf(Preparation.Refused.class);
        assertThat(((Preparation.Refused) preparation).code()).isEqualTo(code);
    }

    private static RegionTable fenced(RegionTable table, FenceRegions command) {
        RegionTable.Fencing fencing = table.beginFence(command);
        return fencing.next().endFence(fencing.cut());
    }

    @Test
    void aClaimIsReportedWithItsGrant() {
        RegionTable table = claimed(free.prepare(prepare(GRANT, 7, claim(2, 4))));
        assertThat(table.report())
                .containsExactly(
                        new RegionReport(1, 0, RegionReport.State.FREE, null, 0),
                        new RegionReport(2, 4, RegionReport.State.CLAIMED, GRANT, 7),
                        new RegionReport(3, 0, RegionReport.State.FREE, null, 0));
        assertThat(table.claimed()).isEqualTo(1);
    }

    @Test
    void claimsAllOrNone() {
        RegionTable table = claimed(free.prepare(prepare(GRANT, 1, claim(2, 1))));
        assertRefused(table.prepare(prepare(OTHER, 1, claim(1, 1), claim(2, 2))), "region_claimed");
        assertThat(table.claimed()).isEqualTo(1);
    }

    @Test
    void theSameClaimAgainIsDoneAlready() {
        PrepareRegions command = prepare(GRANT, 1, claim(1, 1), claim(2, 1));
        RegionTable table = claimed(free.prepare(command));
        assertThat(table.prepare(command)).isInstanceOf(Preparation.Repeated.class);
    }

    @Test
    void aClaimThatDiffersInAnythingIsNotTheSame() {
        RegionTable table = claimed(free.prepare(prepare(GRANT, 1, claim(1, 1))));
        assertRefused(table.prepare(prepare(GRANT, 2, claim(1, 1))), "region_claimed");
        assertRefused(table.prepare(prepare(GRANT, 1, claim(1, 2))), "region_claimed");
        assertRefused(table.prepare(prepare(OTHER, 1, claim(1, 1))), "region_claimed");
        assertRefused(table.prepare(prepare(GRANT, 1, claim(1, 1), claim(2, 1))), "region_claimed");
        assertRefused(
                table.prepare(
                        new PrepareRegions(
                                UUID.randomUUID(), GRANT, 1, WRONG, List.of(claim(1, 1)))),
                "region_claimed");
    }

    @Test
    void refusesClaimsThatMakeNoSense() {
        assertRefused(free.prepare(prepare(GRANT, 1)), "no_regions");
        assertRefused(free.prepare(prepare(GRANT, 1, claim(9, 1))), "unknown_region");
        assertRefused(
                free.prepare(prepare(GRANT, 1, new RegionClaim(OTHER, 1, 1))), "stale_boot_id");
        assertRefused(
                free.prepare(prepare(GRANT, 1, claim(1, 1), claim(1, 2))), "duplicate_region");
        assertRefused(free.prepare(prepare(GRANT, 1, claim(1, 0))), "stale_generation");
        assertRefused(
                free.prepare(prepare(GRANT, 1, claim(1, Long.MAX_VALUE))),
                "implausible_generation");
        assertRefused(
                free.prepare(
                        new PrepareRegions(
                                UUID.randomUUID(), GRANT, 1, "secret", List.of(claim(1, 1)))),
                "bad_capability");
    }

    @Test
    void aGenerationIsNeverUsedTwice() {
        RegionTable table = claimed(free.prepare(prepare(GRANT, 1, claim(1, 5))));
        table = fenced(table, fence(GRANT, 1, claim(1, 5)));
        assertRefused(table.prepare(prepare(OTHER, 1, claim(1, 5))), "stale_generation");
        assertRefused(table.prepare(prepare(OTHER, 1, claim(1, 4))), "stale_generation");
        claimed(table.prepare(prepare(OTHER, 1, claim(1, 6))));
    }

    /// Case 8: yesterday's captured commands come again, and one with the largest epoch that there
    /// is. The first change nothing, the other must not use up the epochs of its grant.
    @Test
    void replayedAndAbsurdCommandsChangeNothing() {
        PrepareRegions captured = prepare(GRANT, 1, claim(1, 1));
        FenceRegions fence = fence(GRANT, 1, claim(1, 1));
        RegionTable table = fenced(claimed(free.prepare(captured)), fence);
        table = claimed(table.prepare(prepare(OTHER, 1, claim(1, 2))));
        List<RegionReport> before = table.report();
        assertRefused(table.prepare(captured), "region_claimed");
        assertThat(fenced(table, fence).report()).isEqualTo(before);
        assertRefused(
                table.prepare(prepare(GRANT, Long.MAX_VALUE, claim(2, 1))), "implausible_epoch");
        assertThat(claimed(table.prepare(prepare(GRANT, 2, claim(2, 1)))).claimed()).isEqualTo(2);
    }

    @Test
    void anEpochOfTheSameGrantNeverGoesBack() {
        RegionTable table = claimed(free.prepare(prepare(GRANT, 5, claim(1, 1))));
        table = fenced(table, fence(GRANT, 5, claim(1, 1)));
        assertRefused(table.prepare(prepare(GRANT, 4, claim(1, 2))), "stale_epoch");
        claimed(table.prepare(prepare(OTHER, 1, claim(1, 2))));
        claimed(table.prepare(prepare(GRANT, 6, claim(1, 2))));
    }

    @Test
    void nobodyIsAdmittedBetweenTheHalvesOfAFence() {
        RegionTable table = claimed(free.prepare(prepare(GRANT, 1, claim(1, 1))));
        ExportName name = new ExportName(BOOT, 1, 1, GRANT, 1, SECRET);
        assertThat(table.admits(name)).isTrue();
        RegionTable.Fencing fencing = table.beginFence(fence(GRANT, 1, claim(1, 1)));
        assertThat(fencing.cut()).containsExactly(1L);
        assertThat(fencing.next().admits(name)).isFalse();
        assertThat(fencing.next().isFencing(1)).isTrue();
        assertRefused(fencing.next().prepare(prepare(OTHER, 1, claim(1, 2))), "region_claimed");
        assertThat(fencing.next().surplus(0)).doesNotContain(1L);
        assertThat(fencing.next().endFence(fencing.cut()).admits(name)).isFalse();
    }

    @Test
    void aFenceThatComesTwiceWaitsForTheFirst() {
        RegionTable table = claimed(free.prepare(prepare(GRANT, 1, claim(1, 1))));
        FenceRegions command = fence(GRANT, 1, claim(1, 1));
        RegionTable.Fencing second = table.beginFence(command).next().beginFence(command);
        assertThat(second.cut()).isEmpty();
        assertThat(second.underway()).containsExactly(1L);
    }

    @Test
    void aFenceOfAnotherGrantOrAnOlderClaimHasNoEffect() {
        RegionTable table = claimed(free.prepare(prepare(GRANT, 5, claim(1, 5))));
        for (FenceRegions command :
                List.of(
                        fence(OTHER, 9, claim(1, 9)),
                        fence(GRANT, 4, claim(1, 5)),
                        fence(GRANT, 5, claim(1, 4)),
                        fence(GRANT, 5, new RegionClaim(OTHER, 1, 5)),
                        fence(GRANT, 5, claim(77, 5)))) {
            RegionTable.Fencing fencing = table.beginFence(command);
            assertThat(fencing.cut()).isEmpty();
            assertThat(fencing.next().report()).isEqualTo(table.report());
        }
    }

    @Test
    void aClaimThatArrivesAfterItsFenceIsDead() {
        RegionTable table = fenced(free, fence(GRANT, 1, claim(1, 3)));
        assertRefused(table.prepare(prepare(GRANT, 1, claim(1, 3))), "stale_generation");
        claimed(table.prepare(prepare(OTHER, 1, claim(1, 4))));
    }

    @Test
    void admitsOnlyTheExactName() {
        RegionTable table = claimed(free.prepare(prepare(GRANT, 3, claim(1, 2))));
        assertThat(table.admits(new ExportName(BOOT, 1, 2, GRANT, 3, SECRET))).isTrue();
        for (ExportName wrong :
                List.of(
                        new ExportName(OTHER, 1, 2, GRANT, 3, SECRET),
                        new ExportName(BOOT, 2, 2, GRANT, 3, SECRET),
                        new ExportName(BOOT, 1, 3, GRANT, 3, SECRET),
                        new ExportName(BOOT, 1, 2, OTHER, 3, SECRET),
                        new ExportName(BOOT, 1, 2, GRANT, 2, SECRET),
                        new ExportName(BOOT, 1, 2, GRANT, 3, WRONG))) {
            assertThat(table.admits(wrong)).isFalse();
        }
    }

    @Test
    void dissolvesTheYoungestFreeRegionsOnly() {
        RegionTable table = claimed(free.prepare(prepare(GRANT, 1, claim(2, 1))));
        assertThat(table.surplus(3)).isEmpty();
        assertThat(table.surplus(2)).containsExactly(3L);
        assertThat(table.surplus(0)).containsExactly(3L, 1L);
        RegionTable smaller = table.without(List.of(3L));
        assertThat(smaller.withNewRegion().report().getLast().regionId()).isEqualTo(4);
        assertThatThrownBy(() -> table.without(List.of(2L)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
