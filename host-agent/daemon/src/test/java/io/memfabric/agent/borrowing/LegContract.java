package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.contract.region.RegionSetName;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What every way to a lender does, whatever carries it.
abstract class LegContract {

    private static final int PAGE = 4096;
    private static final long REGION = FabricLimits.REGION.bytes();

    /// A lender that is reached this way.
    abstract Lender lender(int regions) throws Exception;

    /// The way.
    abstract Leg.Transport transport() throws Exception;

    /// Where the lender is, for this way.
    abstract LegGroup group(Lender lender, RegionSetName regions);

    final LegGroup claimed(Lender lender, int regions) {
        long[] ids = IntStream.rangeClosed(1, regions).asLongStream().toArray();
        lender.claim(Lender.GRANT, 1, 1, ids);
        return group(lender, names(lender, 1, 1, ids));
    }

    static RegionSetName names(Lender lender, long epoch, long generation, long... ids) {
        return new RegionSetName(
                Arrays.stream(ids)
                        .mapToObj(id -> lender.exportName(Lender.GRANT, epoch, generation, id))
                        .map(name -> RegionSetName.parse(name).regions().getFirst())
                        .toList());
    }

    @Test
    void readsBackWhatItWroteInEveryRegion() throws Exception {
        try (Lender lender = lender(2);
                LegBed bed = LegBed.begin(transport().connect(claimed(lender, 2)))) {
            for (long at : List.of(0L, REGION - PAGE, REGION, 2 * REGION - PAGE)) {
                byte[] page = LegBed.stamped(PAGE, at);
                bed.write(at, page);
                assertThat(bed.read(at, PAGE)).isEqualTo(page);
            }
        }
    }

    @Test
    void carriesRequestsOfEveryLength() throws Exception {
        try (Lender lender = lender(1);
                LegBed bed = LegBed.begin(transport().connect(claimed(lender, 1)))) {
            for (int length : new int[] {PAGE, 2 * PAGE, 128 << 10, Requests.MAX_PAYLOAD}) {
                byte[] data = LegBed.stamped(length, length);
                bed.write(8 * PAGE, data);
                assertThat(bed.read(8 * PAGE, length)).isEqualTo(data);
            }
        }
    }

    @Test
    void carriesManyRequestsAtATime() throws Exception {
        long seed = 42;
        Random random = new Random(seed);
        try (Lender lender = lender(1);
                LegBed bed = LegBed.begin(transport().connect(claimed(lender, 1)))) {
            for (int round = 0; round < 20; round++) {
                int slots = 1 + random.nextInt(Requests.SLOTS);
                int pages = 1 + random.nextInt(16);
                for (int slot = 0; slot < slots; slot++) {
                    long at = (long) slot * pages * PAGE;
                    bed.submitWrite(slot, at, LegBed.stamped(pages * PAGE, round * 1000L + slot));
                }
                bed.flushAndAwait(slots);
                for (int slot = 0; slot < slots; slot++) {
                    bed.submit(slot, Nbd.CMD_READ, (long) slot * pages * PAGE, (long) pages * PAGE);
                }
                bed.flushAndAwait(slots);
                for (int slot = 0; slot < slots; slot++) {
                    assertThat(bed.data(slot))
                            .as("seed %d round %d slot %d", seed, round, slot)
                            .isEqualTo(LegBed.stamped(pages * PAGE, round * 1000L + slot));
                }
            }
        }
    }

    @Test
    void discardedBytesReadAsZeros() throws Exception {
        try (Lender lender = lender(1);
                LegBed bed = LegBed.begin(transport().connect(claimed(lender, 1)))) {
            byte[] data = LegBed.stamped(Requests.MAX_PAYLOAD, 1);
            for (long at = 0; at < REGION; at += data.length) {
                bed.write(at, data);
            }
            bed.run(Nbd.CMD_TRIM, PAGE, REGION - 2 * PAGE);
            assertThat(bed.read(0, PAGE)).isEqualTo(Arrays.copyOf(data, PAGE));
            assertThat(bed.read(PAGE, PAGE)).isEqualTo(new byte[PAGE]);
            assertThat(bed.read(REGION / 2, PAGE)).isEqualTo(new byte[PAGE]);
            assertThat(bed.read(REGION - 2 * PAGE, PAGE)).isEqualTo(new byte[PAGE]);
            assertThat(bed.read(REGION - PAGE, PAGE))
                    .isEqualTo(Arrays.copyOfRange(data, data.length - PAGE, data.length));
            bed.write(0, data);
            bed.run(Nbd.CMD_WRITE_ZEROES, 0, data.length);
            assertThat(bed.read(0, data.length)).isEqualTo(new byte[data.length]);
            bed.run(Nbd.CMD_FLUSH, 0, 0);
        }
    }

    @Test
    void onlyTheExactClaimIsLetIn() throws Exception {
        try (Lender lender = lender(2)) {
            lender.claim(Lender.GRANT, 5, 3, 1);
            Leg.Transport transport = transport();
            transport.connect(group(lender, names(lender, 5, 3, 1))).close();
            for (RegionSetName stale :
                    List.of(
                            names(lender, 4, 3, 1),
                            names(lender, 6, 3, 1),
                            names(lender, 5, 2, 1),
                            names(lender, 5, 3, 2),
                            names(lender, 5, 3, 1, 2))) {
                assertThatThrownBy(() -> transport.connect(group(lender, stale)))
                        .isInstanceOfSatisfying(
                                BorrowingException.class,
                                e -> assertThat(e.code()).isEqualTo(Leg.REFUSED));
            }
        }
    }

    @Test
    void aFenceEndsTheLegForGood() throws Exception {
        try (Lender lender = lender(1);
                LegBed bed = LegBed.begin(transport().connect(claimed(lender, 1)))) {
            bed.write(0, LegBed.stamped(PAGE, 7));
            lender.fence(Lender.GRANT, 1, 1, 1);
            assertThat(bed.awaitStop().code()).isEqualTo("region_gone");
        }
    }

    @Test
    void aBrokenConnectionIsMadeAgainAndNothingIsLost() throws Exception {
        try (Lender lender = lender(1);
                LegBed bed = LegBed.begin(transport().connect(claimed(lender, 1)))) {
            for (int round = 0; round < 10; round++) {
                for (int slot = 0; slot < 16; slot++) {
                    bed.submitWrite(slot, (long) slot * PAGE, LegBed.stamped(PAGE, round + slot));
                }
                bed.cutInTheMiddle(16);
                for (int slot = 0; slot < 16; slot++) {
                    assertThat(bed.read((long) slot * PAGE, PAGE))
                            .isEqualTo(LegBed.stamped(PAGE, round + slot));
                }
            }
        }
    }

    @Test
    void aLegWithAPeerLetsGoOfEverythingWhenItBreaks() throws Exception {
        try (Lender lender = lender(1);
                LegBed bed = LegBed.beginBreakable(transport().connect(claimed(lender, 1)))) {
            bed.write(0, LegBed.stamped(PAGE, 1));
            bed.leg().cut();
            bed.awaitBreak();
            bed.submit(0, Nbd.CMD_READ, 0, PAGE);
            bed.leg().flush();
            assertThat(bed.awaitAbandoned()).isEqualTo(0);
        }
    }

    @Test
    void aPageThatIsRefusedIsFetchedAgainAndLostAfterThreeTries() throws Exception {
        try (Lender lender = lender(1);
                LegBed bed = LegBed.begin(transport().connect(claimed(lender, 1)))) {
            bed.write(0, LegBed.stamped(PAGE, 1));
            bed.refuseNext(2);
            assertThat(bed.read(0, PAGE)).isEqualTo(LegBed.stamped(PAGE, 1));
            bed.refuseNext(Answers.TRIES);
            bed.submit(0, Nbd.CMD_READ, 0, PAGE);
            bed.leg().flush();
            assertThat(bed.awaitStop().code()).isEqualTo(Answers.PAGE_LOST);
        }
    }

    @Test
    void theNextOwnerReadsZeros() throws Exception {
        try (Lender lender = lender(1)) {
            try (LegBed bed = LegBed.begin(transport().connect(claimed(lender, 1)))) {
                bed.write(0, LegBed.stamped(PAGE, 9));
                lender.fence(Lender.GRANT, 1, 1, 1);
            }
            lender.claim(Lender.GRANT, 2, 2, 1);
            try (LegBed bed =
                    LegBed.begin(transport().connect(group(lender, names(lender, 2, 2, 1))))) {
                assertThat(bed.read(0, PAGE)).isEqualTo(new byte[PAGE]);
            }
        }
    }
}
