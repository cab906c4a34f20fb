package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.lending.LenderProxy;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.RawClient;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.LegReplacement;
import io.memfabric.contract.agent.LegReport;
import io.memfabric.contract.agent.LegReport.Reach;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A sealed device of two mirrored extents, with networks between it and its lenders that can fail.
@Timeout(120)
class MirroredBorrowingIT {

    private static final int PAGE = MirrorBed.PAGE;

    @TempDir Path runDir;

    private MirrorBed bed() throws Exception {
        return new MirrorBed(runDir, MirrorPace.USUAL);
    }

    @Test
    void bothLendersHaveEveryWriteAndDiscard() throws Exception {
        try (MirrorBed it = bed()) {
            assertThat(it.isWhole()).isTrue();
            it.load(150);
            it.model.verifyAll(it.client);
            it.assertSame();
            assertThat(it.isWhole()).isTrue();
        }
    }

    @Test
    void aLenderThatIsCutOffAndComesBackIsGivenWhatItMissed() throws Exception {
        try (MirrorBed it = bed()) {
            for (int round = 0; round < 6; round++) {
                LenderProxy proxy = round % 2 == 0 ? it.toFirst : it.toSecond;
                LegPlan leg = round % 2 == 0 ? it.atFirst(1) : it.atSecond(1);
                it.load(5);
                proxy.cut();
                it.loadUntil(() -> it.areBoth(leg, Reach.BROKEN));
                proxy.mend();
                it.loadUntil(it::isWhole);
            }
            it.model.verifyAll(it.client);
            it.assertSame();
            assertThat(it.counts().copiedBytes.get()).isPositive();
        }
    }

    @Test
    void aStreamThatEndsAnywhereLosesNothing() throws Exception {
        try (MirrorBed it = bed()) {
            for (int round = 0; round < 60; round++) {
                LenderProxy proxy = round % 2 == 0 ? it.toFirst : it.toSecond;
                // In headers of answers, between them, and within pages.
                proxy.cutAfter(round < 40 ? round : 1_000L * round + round);
                it.load(3);
                it.loadUntil(it::isWhole);
            }
            it.model.verifyAll(it.client);
            it.assertSame();
        }
    }

    @Test
    void aLenderThatFallsSilentIsLeft() throws Exception {
        try (MirrorBed it = bed()) {
            it.load(5);
            it.toFirst.swallow();
            it.loadUntil(() -> it.areBoth(it.atFirst(1), Reach.BROKEN));
            it.toFirst.cut();
            it.toFirst.mend();
            it.loadUntil(it::isWhole);
            it.model.verifyAll(it.client);
            it.assertSame();
        }
    }

    private static List<LegReplacement> toThird(MirrorBed it, Lender third) {
        return List.of(
                new LegReplacement(0, it.atFirst(1).exportName(), third.leg(Lender.GRANT, 1, 1, 1)),
                new LegReplacement(
                        1, it.atFirst(2).exportName(), third.leg(Lender.GRANT, 1, 1, 2)));
    }

    @Test
    void aLostLenderIsReplacedByAnother() throws Exception {
        try (MirrorBed it = bed();
                Lender third = Lender.with(2)) {
            third.claim(Lender.GRANT, 1, 1, 1, 2);
            it.load(30);
            it.first.close();
            it.loadUntil(() -> it.areBoth(it.atFirst(1), Reach.BROKEN));
            it.borrowing.replaceLegs(Lender.GRANT, toThird(it, third));
            it.borrowing.replaceLegs(Lender.GRANT, toThird(it, third));
            it.loadUntil(it::isWhole);
            it.model.verifyAll(it.client);
            MirrorBed.assertSame(third, it.second);
        }
    }

    @Test
    void aLenderThatCameBackWithoutItsRegionsIsGone() throws Exception {
        try (MirrorBed it = bed()) {
            it.load(10);
            it.first.fence(Lender.GRANT, 1, 1, 1, 2);
            it.loadUntil(() -> it.areBoth(it.atFirst(1), Reach.GONE));
            it.model.verifyAll(it.client);
        }
    }

    @Test
    void aLostRegionTakesNoOtherOfItsLenderWithIt() throws Exception {
        try (MirrorBed it = bed()) {
            it.load(10);
            it.first.fence(Lender.GRANT, 1, 1, 1);
            it.loadUntil(
                    () ->
                            it.reports().size() == 1
                                    && it.reports().getFirst().reach() == Reach.GONE);
            LegReport lost = it.reports().getFirst();
            assertThat(lost.extent()).isZero();
            assertThat(lost.exportName()).isEqualTo(it.atFirst(1).exportName());
            it.model.verifyAll(it.client);
        }
    }

    @Test
    void aCopyThatHoldsWhatNoOtherDoesIsNotReplaced() throws Exception {
        try (MirrorBed it = bed();
                Lender third = Lender.with(2)) {
            third.claim(Lender.GRANT, 1, 1, 1, 2);
            it.load(5);
            it.toSecond.cut();
            it.loadUntil(() -> it.areBoth(it.atSecond(1), Reach.BROKEN));
            assertThatThrownBy(() -> it.borrowing.replaceLegs(Lender.GRANT, toThird(it, third)))
                    .isInstanceOf(BorrowingException.class)
                    .extracting("code")
                    .isEqualTo("leg_needed");
            it.model.verifyAll(it.client);
        }
    }

    @Test
    void aReplacementThatCannotBeReachedChangesNothing() throws Exception {
        try (MirrorBed it = bed();
                Lender third = Lender.with(1)) {
            it.load(5);
            third.claim(Lender.GRANT, 1, 1, 1);
            assertThatThrownBy(() -> it.borrowing.replaceLegs(Lender.GRANT, toThird(it, third)))
                    .isInstanceOf(BorrowingException.class)
                    .extracting("code")
                    .isEqualTo("leg_refused");
            assertThat(it.isWhole()).isTrue();
            it.load(5);
            it.assertSame();
        }
    }

    @Test
    void withoutBothLendersEverythingWaits() throws Exception {
        try (MirrorBed it = bed()) {
            it.load(5);
            it.toFirst.cut();
            it.loadUntil(() -> it.areBoth(it.atFirst(1), Reach.BROKEN));
            it.toSecond.cut();
            MirrorBed.await(() -> it.areBoth(it.atSecond(1), Reach.BROKEN));
            Thread load =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try {
                                            it.load(3);
                                        } catch (Exception e) {
                                            throw new IllegalStateException(e);
                                        }
                                    });
            // The leg that lacks writes is back first, and must not be asked.
            it.toFirst.mend();
            MirrorBed.await(() -> it.areBoth(it.atFirst(1), Reach.CONNECTED));
            it.toSecond.mend();
            load.join();
            it.loadUntil(it::isWhole);
            it.model.verifyAll(it.client);
            it.assertSame();
        }
    }

    @Test
    void aClientThatLeavesWhileEverythingWaitsMakesRoomForTheNext() throws Exception {
        try (MirrorBed it = bed()) {
            byte[] before = new byte[PAGE];
            before[1] = 1;
            byte[] after = new byte[PAGE];
            after[1] = 2;
            it.client.write(0, before);
            it.toFirst.cut();
            it.toSecond.cut();
            MirrorBed.await(() -> it.reports().size() == 4);
            it.client.send(RawClient.request(0, Nbd.CMD_WRITE, 7, 0, PAGE, after));
            it.client.close();
            it.enterAgain();
            it.toFirst.mend();
            it.toSecond.mend();
            assertThat(it.client.read(0, PAGE).data().get(1)).isIn((byte) 1, (byte) 2);
            assertThat(it.client.write(0, after)).isZero();
            it.load(5);
            MirrorBed.await(it::isWhole);
            it.assertSame();
        }
    }

    @Test
    void bothLendersLostStopTheGrant() throws Exception {
        try (MirrorBed it = bed()) {
            it.load(5);
            it.first.fence(Lender.GRANT, 1, 1, 1, 2);
            it.loadUntil(() -> it.areBoth(it.atFirst(1), Reach.GONE));
            it.second.fence(Lender.GRANT, 1, 1, 1, 2);
            MirrorBed.await(() -> it.borrowing.stopOf(Lender.GRANT).isPresent());
            assertThat(it.borrowing.stopOf(Lender.GRANT).orElseThrow().code())
                    .isEqualTo("region_gone");
            assertThat(it.client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void theNextProcessGoesOnWithoutALenderThatWasAway() throws Exception {
        try (MirrorBed it = bed()) {
            it.load(10);
            it.toFirst.cut();
            it.loadUntil(() -> it.areBoth(it.atFirst(1), Reach.BROKEN));
            it.restart(it.plan);
            assertThat(it.areBoth(it.atFirst(1), Reach.BROKEN)).isTrue();
            it.load(10);
            it.restart(it.plan);
            it.toFirst.mend();
            it.loadUntil(it::isWhole);
            it.model.verifyAll(it.client);
            it.assertSame();
        }
    }

    @Test
    void theNextProcessIsNotMistakenAboutReplacedLegs() throws Exception {
        try (MirrorBed it = bed();
                Lender third = Lender.with(2)) {
            third.claim(Lender.GRANT, 1, 1, 1, 2);
            it.load(20);
            it.toFirst.cut();
            it.loadUntil(() -> it.areBoth(it.atFirst(1), Reach.BROKEN));
            it.borrowing.replaceLegs(Lender.GRANT, toThird(it, third));
            it.loadUntil(it::isWhole);
            it.toFirst.mend();
            // The process died before it had written the new plan down.
            it.restart(it.plan);
            it.loadUntil(it::isWhole);
            it.model.verifyAll(it.client);
            // And with a plan whose legs were never heard of.
            third.fence(Lender.GRANT, 1, 1, 1, 2);
            third.claim(Lender.GRANT, 1, 2, 1, 2);
            AttachGrant other =
                    Lender.planOfExtents(
                            List.of(
                                    List.of(third.leg(Lender.GRANT, 1, 2, 1), it.atSecond(1)),
                                    List.of(it.atSecond(2), third.leg(Lender.GRANT, 1, 2, 2))));
            it.restart(other);
            it.loadUntil(it::isWhole);
            it.toSecond.cut();
            it.model.verifyAll(it.client);
        }
    }

    @Test
    void readsFromASlowLenderAreHedgedAndTheLenderIsLeft() throws Exception {
        try (MirrorBed it = bed()) {
            it.load(30);
            it.toFirst.delay(50);
            it.loadUntil(() -> it.areBoth(it.atFirst(1), Reach.BROKEN));
            assertThat(it.counts().hedges.get()).isPositive();
            it.model.verifyAll(it.client);
        }
    }

    @Test
    void aBadCopyIsFoundByTheScrubAndMended() throws Exception {
        try (MirrorBed it = new MirrorBed(runDir, new MirrorPace(200L << 20, 1L << 30))) {
            for (int page = 0; page < 8; page++) {
                it.client.write((long) page * PAGE, new byte[PAGE]);
            }
            it.second.memory(1).put(3 * PAGE + 17, (byte) 0x5a);
            MirrorBed.await(() -> it.counts().repairedBytes.get() > 0 && it.isWhole());
            MirrorBed.await(() -> it.first.memory(1).mismatch(it.second.memory(1)) < 0);
        }
    }
}
