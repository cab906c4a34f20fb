package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Lenders that give back anything but what they were given last: the other copy is read, and theirs
/// is repaired.
@Timeout(300)
class MirroredTamperIT {

    private static final int PAGE = MirrorBed.PAGE;
    private static final int ROUNDS = 1_000;
    private static final int PAGES = 8;
    private static final long SEED = 20261123;

    @TempDir Path runDir;

    private final Random random = new Random(SEED);

    /// What a lender makes of a page.
    private interface Lie {
        /// @param before what this lender had there before the last write
        void tell(ByteBuffer memory, int at, byte[] before);
    }

    private static void assertAlwaysMended(Path runDir, Random random, Lie lie) throws Exception {
        try (MirrorBed it = new MirrorBed(runDir, new MirrorPace(1L << 30, 1L << 30))) {
            byte[] fill = new byte[PAGES * PAGE];
            random.nextBytes(fill);
            assertThat(it.client.write(0, fill)).isZero();
            for (int round = 0; round < ROUNDS; round++) {
                int at = random.nextInt(PAGES) * PAGE;
                ByteBuffer memory = random.nextBoolean() ? it.first.memory(1) : it.second.memory(1);
                byte[] before = new byte[PAGE];
                memory.get(at, before);
                byte[] data = new byte[PAGE];
                random.nextBytes(data);
                assertThat(it.client.write(at, data)).isZero();
                lie.tell(memory, at, before);
                assertThat(it.client.read(at, PAGE).data())
                        .as("round %d", round)
                        .isEqualTo(ByteBuffer.wrap(data));
            }
            System.out.printf(
                    "tampering: %d rounds, %d found by reads%n",
                    ROUNDS, it.counts().refusedReads.get());
            assertThat(it.counts().refusedReads.get()).isPositive();
            // What no read came across the scrub finds.
            MirrorBed.await(() -> it.first.memory(1).mismatch(it.second.memory(1)) < 0);
            MirrorBed.await(it::isWhole);
            assertThat(it.borrowing.stopOf(it.plan.grantId())).isEmpty();
        }
    }

    @Test
    void flippedBits() throws Exception {
        assertAlwaysMended(
                runDir,
                random,
                (memory, at, before) -> {
                    int bit = random.nextInt(PAGE * Byte.SIZE);
                    int place = at + bit / Byte.SIZE;
                    memory.put(place, (byte) (memory.get(place) ^ 1 << bit % Byte.SIZE));
                });
    }

    @Test
    void whatThePageWasBefore() throws Exception {
        assertAlwaysMended(runDir, random, (memory, at, before) -> memory.put(at, before));
    }

    @Test
    void anotherPlace() throws Exception {
        assertAlwaysMended(
                runDir,
                random,
                (memory, at, before) -> memory.put(at, memory, (at + PAGE) % (PAGES * PAGE), PAGE));
    }

    @Test
    void zeros() throws Exception {
        assertAlwaysMended(runDir, random, (memory, at, before) -> memory.put(at, new byte[PAGE]));
    }

    @Test
    void tornPages() throws Exception {
        assertAlwaysMended(
                runDir,
                random,
                (memory, at, before) -> {
                    int from = random.nextInt(PAGE / 512) * 512;
                    memory.put(at + from, before, from, PAGE - from);
                });
    }

    /// Neither lender has all of the request, but each page is good at one of them.
    @Test
    void aRequestWhosePagesAreBadAtOneLenderEachIsAnswered() throws Exception {
        try (MirrorBed it = new MirrorBed(runDir, new MirrorPace(1L << 30, 0))) {
            for (int round = 0; round < 100; round++) {
                byte[] data = new byte[PAGES * PAGE];
                random.nextBytes(data);
                assertThat(it.client.write(0, data)).isZero();
                for (int page = 0; page < PAGES; page++) {
                    ByteBuffer memory =
                            random.nextBoolean() ? it.first.memory(1) : it.second.memory(1);
                    memory.put(page * PAGE + random.nextInt(PAGE), new byte[1]);
                    memory.put(page * PAGE, new byte[64]);
                }
                assertThat(it.client.read(0, PAGES * PAGE).data())
                        .as("round %d", round)
                        .isEqualTo(ByteBuffer.wrap(data));
                MirrorBed.await(it::isWhole);
            }
            assertThat(it.first.memory(1).mismatch(it.second.memory(1))).isNegative();
        }
    }
}
