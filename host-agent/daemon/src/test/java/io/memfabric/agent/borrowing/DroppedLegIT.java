package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.agent.lending.Lender;
import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.LegReplacement;
import io.memfabric.contract.agent.LegReport.Reach;
import io.memfabric.contract.agent.RegionClaim;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Copies that a lender needs back while the client goes on.
@Timeout(120)
class DroppedLegIT {

    @TempDir private Path runDir;

    @Test
    void theLenderHasItsMemoryBackAndTheClientNoticesNothing() throws Exception {
        try (MirrorBed it = new MirrorBed(runDir, MirrorPace.USUAL);
                Lender third = Lender.with(2)) {
            third.claim(Lender.GRANT, 1, 1, 1, 2);
            it.load(20);
            it.borrowing.dropLegs(Lender.GRANT, both(it));
            it.borrowing.dropLegs(Lender.GRANT, both(it));
            assertThat(it.areBoth(it.atFirst(1), Reach.GONE)).isTrue();
            it.first.lending.fence(withdraw(it.first, 1, 2));
            assertThat(it.first.lending.offered().bytes()).isZero();
            it.load(20);

            it.borrowing.replaceLegs(
                    Lender.GRANT,
                    List.of(
                            new LegReplacement(
                                    0,
                                    it.atFirst(1).exportName(),
                                    third.leg(Lender.GRANT, 1, 1, 1)),
                            new LegReplacement(
                                    1,
                                    it.atFirst(2).exportName(),
                                    third.leg(Lender.GRANT, 1, 1, 2))));
            it.loadUntil(it::isWhole);
            it.model.verifyAll(it.client);
            MirrorBed.assertSame(third, it.second);
        }
    }

    @Test
    void aDroppedCopyStaysDroppedAfterARestartThoughItsLenderIsThere() throws Exception {
        try (MirrorBed it = new MirrorBed(runDir, MirrorPace.USUAL)) {
            it.load(20);
            it.borrowing.dropLegs(Lender.GRANT, both(it));
            it.load(5);
            it.restart(it.plan);
            it.load(20);
            assertThat(it.areBoth(it.atFirst(1), Reach.GONE)).isTrue();
            it.first.close();
            it.model.verifyAll(it.client);
        }
    }

    @Test
    void theLastWholeCopyIsKept() throws Exception {
        try (MirrorBed it = new MirrorBed(runDir, MirrorPace.USUAL)) {
            it.load(10);
            it.toSecond.cut();
            it.loadUntil(() -> it.areBoth(it.atSecond(1), Reach.BROKEN));
            assertThatThrownBy(() -> it.borrowing.dropLegs(Lender.GRANT, both(it)))
                    .isInstanceOf(BorrowingException.class)
                    .hasFieldOrPropertyWithValue("code", "leg_needed");
            it.model.verifyAll(it.client);
        }
    }

    private static List<DropLegs.Dropped> both(MirrorBed it) {
        return List.of(
                new DropLegs.Dropped(0, it.atFirst(1).exportName()),
                new DropLegs.Dropped(1, it.atFirst(2).exportName()));
    }

    private static FenceRegions withdraw(Lender lender, long... regions) {
        return new FenceRegions(
                UUID.randomUUID(),
                Lender.GRANT,
                1,
                java.util.Arrays.stream(regions)
                        .mapToObj(id -> new RegionClaim(lender.lending.bootId(), id, 1))
                        .toList(),
                true);
    }
}
