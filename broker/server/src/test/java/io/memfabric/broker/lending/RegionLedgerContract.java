package io.memfabric.broker.lending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.broker.policy.ledger.Medium;
import io.memfabric.broker.policy.ledger.Overtaken;
import io.memfabric.broker.policy.ledger.Reconciliation;
import io.memfabric.broker.policy.ledger.Region;
import io.memfabric.broker.policy.ledger.Region.State;
import io.memfabric.broker.policy.ledger.RegionLedger;
import io.memfabric.broker.policy.ledger.TableId;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What every [RegionLedger] promises.
abstract class RegionLedgerContract {

    abstract LedgerUnderTest ledger();

    private final TableId table = newTable();
    private final UUID grant = newGrant();
    private final UUID other = newGrant();

    final TableId newTable() {
        UUID host = UUID.randomUUID();
        ledger().add(host);
        return new TableId(host, UUID.randomUUID());
    }

    final UUID newGrant() {
        UUID id = UUID.randomUUID();
        ledger().addGrant(id);
        return id;
    }

    private RegionLedger regions() {
        return ledger().regions();
    }

    private void change(Runnable change) {
        ledger().change(
                        () -> {
                            change.run();
                            return true;
                        });
    }

    private Reconciliation says(RegionReport... inventory) {
        return ledger().change(() -> regions().apply(table, Medium.MEMORY, List.of(inventory)));
    }

    /// The table as it is when nothing was claimed of it yet.
    private void offer(int count) {
        says(
                LongStream.rangeClosed(1, count)
                        .mapToObj(id -> reportsFree(id, 0))
                        .toArray(RegionReport[]::new));
    }

    private List<RegionClaim> claim(UUID by, int count) {
        return ledger().change(() -> regions().claim(by, table, count)).stream()
                .sorted(Comparator.comparingLong(RegionClaim::regionId))
                .toList();
    }

    private static RegionReport reportsFree(long id, long generation) {
        return new RegionReport(id, generation, RegionReport.State.FREE, null, 0);
    }

    private static RegionReport keeps(long id, long generation, UUID by) {
        return new RegionReport(id, generation, RegionReport.State.CLAIMED, by, 1);
    }

    private RegionClaim claimed(long id, long generation) {
        return new RegionClaim(table.bootId(), id, generation);
    }

    private static Region free(long id, long generation) {
        return new Region(id, generation, State.FREE, null, false, null);
    }

    private static Region of(UUID by, long id, long generation) {
        return new Region(id, generation, State.CLAIMED, by, false, null);
    }

    private static Region disputed(UUID by, long id, long generation) {
        return new Region(id, generation, State.CLAIMED, by, true, null);
    }

    private static Region blocked(long id, long generation, @Nullable UUID heldFor) {
        return new Region(id, generation, State.BLOCKED, null, false, heldFor);
    }

    private void has(Region... expected) {
        assertThat(regions().regions(table)).containsExactlyInAnyOrder(expected);
    }

    @Test
    void claimsTheFirstFreeRegionsInTheirNextGeneration() {
        says(reportsFree(3, 0), reportsFree(2, 7), keeps(1, 4, other));
        assertThat(claim(grant, 1)).containsExactly(claimed(2, 8));
        has(blocked(1, 4, other), of(grant, 2, 8), free(3, 0));
        assertThat(claim(other, 1)).containsExactly(claimed(3, 1));
        assertThat(claim(other, 0)).isEmpty();
    }

    @Test
    void claimsNothingWhereThereIsNotEnough() {
        offer(2);
        assertThatThrownBy(() -> claim(grant, 3)).isInstanceOf(Overtaken.class);
        has(free(1, 0), free(2, 0));
    }

    @Test
    void freesWhatTheGrantHasAndNothingElse() {
        offer(4);
        claim(grant, 2);
        claim(other, 1);
        change(() -> regions().free(grant, table, List.of(2L, 3L, 4L, 9L)));
        has(of(grant, 1, 1), free(2, 1), of(other, 3, 1), free(4, 0));
        assertThat(claim(other, 1)).containsExactly(claimed(2, 2));
    }

    @Test
    void leavesAClaimAloneWhateverItsLenderSays() {
        offer(4);
        claim(grant, 3);
        Reconciliation changes = says(reportsFree(1, 0), reportsFree(2, 1));
        assertThat(changes.foreign()).isEmpty();
        assertThat(changes.removed()).containsExactly(4L);
        has(of(grant, 1, 1), of(grant, 2, 1), of(grant, 3, 1));
        assertThat(says(keeps(1, 1, grant)).changesNothing()).isTrue();
    }

    @Test
    void disputesAClaimWithWhichItsLenderWentFurtherAndBlocksItWhenItIsFreed() {
        offer(3);
        claim(grant, 3);
        RegionReport anothers = keeps(1, 2, other);
        Reconciliation changes = says(anothers, reportsFree(2, 3), keeps(3, 1, grant));
        assertThat(changes.foreign()).containsExactly(anothers);
        has(disputed(grant, 1, 1), disputed(grant, 2, 1), of(grant, 3, 1));
        change(() -> regions().free(grant, table, List.of(1L, 2L, 3L)));
        has(blocked(1, 1, null), blocked(2, 1, null), free(3, 1));
        assertThatThrownBy(() -> claim(other, 2)).isInstanceOf(Overtaken.class);
        says(anothers, reportsFree(2, 3), reportsFree(3, 1));
        has(blocked(1, 2, other), free(2, 3), free(3, 1));
    }

    @Test
    void settlesADisputeWhenItsLenderSaysTheSameAgain() {
        offer(1);
        claim(grant, 1);
        says(keeps(1, 5, other));
        assertThat(says(keeps(1, 1, grant)).settled()).containsExactly(1L);
        has(of(grant, 1, 1));
    }

    @Test
    void blocksWhatALenderKeepsForAClaimThatTheLedgerDoesNotHave() {
        offer(2);
        RegionReport kept = keeps(1, 3, grant);
        assertThat(says(kept, reportsFree(2, 0)).foreign()).containsExactly(kept);
        has(blocked(1, 3, grant), free(2, 0));
        assertThat(claim(other, 1)).containsExactly(claimed(2, 1));
        says(reportsFree(1, 3), keeps(2, 1, other));
        has(free(1, 3), of(other, 2, 1));
    }

    @Test
    void recognisesAGrantInTheVeryGenerationsThatItsLenderKeepsForIt() {
        says(keeps(1, 3, grant), keeps(2, 5, grant), keeps(3, 5, other));
        assertThat(recognises(grant, Map.of(1L, 3L, 2L, 4L))).isFalse();
        assertThat(recognises(grant, Map.of(1L, 3L, 3L, 5L))).isFalse();
        assertThat(recognises(grant, Map.of(4L, 1L))).isFalse();
        assertThat(recognises(grant, Map.of(1L, 3L, 2L, 5L))).isTrue();
        has(of(grant, 1, 3), of(grant, 2, 5), blocked(3, 5, other));
        assertThat(recognises(grant, Map.of(1L, 3L))).isFalse();
    }

    @Test
    void recognisesNothingInAGenerationThatWasClaimedHere() {
        offer(1);
        claim(grant, 1);
        change(() -> regions().free(grant, table, List.of(1L)));
        says(keeps(1, 1, grant));
        assertThat(recognises(grant, Map.of(1L, 1L))).isFalse();
        has(blocked(1, 1, grant));
    }

    private static final class NotAll extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private boolean recognises(UUID by, Map<Long, Long> generations) {
        try {
            change(
                    () -> {
                        if (!regions().recognise(by, table, generations)) {
                            throw new NotAll();
                        }
                    });
            return true;
        } catch (NotAll e) {
            return false;
        }
    }

    @Test
    void withdrawsFreeRegionsOnly() {
        says(reportsFree(1, 0), reportsFree(2, 0), keeps(3, 1, other));
        claim(grant, 1);
        change(() -> regions().withdraw(table, List.of(1L, 2L, 3L)));
        has(of(grant, 1, 1), blocked(3, 1, other));
    }

    @Test
    void removesWhatTheGrantHasOnly() {
        offer(3);
        claim(grant, 1);
        claim(other, 1);
        change(() -> regions().remove(grant, table, List.of(1L, 2L, 3L)));
        has(of(other, 2, 1), free(3, 0));
    }

    @Test
    void letsNoGenerationFall() {
        offer(2);
        claim(grant, 2);
        change(() -> regions().free(grant, table, List.of(1L, 2L)));
        says(reportsFree(1, 0));
        has(free(1, 1));
        says(reportsFree(1, 9), reportsFree(2, 0));
        has(free(1, 9), free(2, 1));
        assertThat(claim(other, 2)).containsExactly(claimed(1, 10), claimed(2, 2));
    }

    @Test
    void goesOnAfterTheLastClaimOfARegionThatComesBack() {
        offer(1);
        claim(grant, 1);
        change(() -> regions().remove(grant, table, List.of(1L)));
        has();
        says(reportsFree(1, 0));
        assertThat(claim(other, 1)).containsExactly(claimed(1, 2));
    }

    @Test
    void forgetsTheOtherTablesOfThatMedium() {
        UUID host = table.hostId();
        TableId disk = new TableId(host, UUID.randomUUID());
        TableId after = new TableId(host, UUID.randomUUID());
        offer(2);
        claim(grant, 1);
        change(() -> regions().apply(disk, Medium.DISK, List.of(reportsFree(1, 0))));
        change(() -> regions().apply(after, Medium.MEMORY, List.of(reportsFree(1, 0))));
        change(() -> regions().forgetOthers(host, after.bootId(), Medium.MEMORY));
        has();
        assertThat(regions().regions(after)).containsExactly(free(1, 0));
        assertThat(regions().regions(disk)).containsExactly(free(1, 0));
        change(() -> regions().forgetOthers(host, null, Medium.DISK));
        assertThat(regions().regions(disk)).isEmpty();
        assertThat(regions().regions(after)).hasSize(1);
    }

    @Test
    void takesBackAllOfAChangeThatFails() {
        offer(4);
        claim(grant, 1);
        assertThatThrownBy(
                        () ->
                                change(
                                        () -> {
                                            regions().free(grant, table, List.of(1L));
                                            regions().claim(other, table, 2);
                                            regions().withdraw(table, List.of(4L));
                                            regions()
                                                    .apply(
                                                            table,
                                                            Medium.MEMORY,
                                                            List.of(keeps(3, 2, other)));
                                            throw new IllegalStateException("half way");
                                        }))
                .hasMessage("half way");
        has(of(grant, 1, 1), free(2, 0), free(3, 0), free(4, 0));
        assertThat(claim(other, 1)).containsExactly(claimed(2, 1));
    }

    @Test
    void givesRacingClaimsNoRegionTwice() throws Exception {
        int count = 40;
        int racers = 2;
        offer(count);
        CyclicBarrier start = new CyclicBarrier(racers);
        Callable<List<RegionClaim>> racer =
                () -> {
                    List<RegionClaim> mine = new ArrayList<>();
                    start.await();
                    try {
                        // Once more than there are, so that a wrong ledger fails and does not hang.
                        for (int i = 0; i <= count; i++) {
                            mine.addAll(claim(i % 2 == 0 ? grant : other, 1));
                        }
                        return mine;
                    } catch (Overtaken e) {
                        return mine;
                    }
                };
        List<RegionClaim> all = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(racers)) {
            List<Future<List<RegionClaim>>> running =
                    IntStream.range(0, racers).mapToObj(_ -> threads.submit(racer)).toList();
            for (Future<List<RegionClaim>> one : running) {
                all.addAll(one.get());
            }
        }
        assertThat(all)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, count).mapToObj(id -> claimed(id, 1)).toList());
    }
}
