package io.memfabric.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.policy.MirrorState.Action;
import io.memfabric.agent.policy.MirrorState.Event;
import io.memfabric.agent.policy.MirrorState.Reach;
import io.memfabric.agent.policy.MirrorState.Standing;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A mirror of a few pages in a world where legs break, come back, are lost and replaced, answers
/// are late, and the borrower dies. Pages are version numbers. The shell around the state follows
/// the rules of the real one: a leg that misses a write is noted before the write is sent, a chunk
/// and a write of one page exclude each other.
class MirrorSimulation {

    private static final int SEEDS = 2_000;
    private static final int STEPS = 400;
    private static final int PAGES = 4;

    @Test
    void everyAcknowledgedWriteIsOnAllLegsInSyncAndEveryReadRight() {
        int acknowledged = 0;
        int single = 0;
        int resyncs = 0;
        int crashes = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            World world = new World(seed);
            for (int step = 0; step < STEPS && !world.lost; step++) {
                world.step();
            }
            if (!world.lost) {
                world.heal();
            }
            acknowledged += world.acknowledgedWrites;
            single += world.singleLegWrites;
            resyncs += world.resyncs;
            crashes += world.crashes;
        }
        // What never happened was not tested.
        assertThat(acknowledged).isGreaterThan(10_000);
        assertThat(single).isGreaterThan(1_000);
        assertThat(resyncs).isGreaterThan(1_000);
        assertThat(crashes).isGreaterThan(1_000);
    }

    private static final class Write {
        private final int page;
        private final int version;
        private int pending;
        private int acked;

        Write(int page, int version) {
            this.page = page;
            this.version = version;
        }
    }

    private static final class World {
        private final long seed;
        private final Random random;
        private MirrorState state = MirrorState.of(Standing.IN_SYNC, Standing.IN_SYNC);

        /// What outlives the borrower's process.
        private Standing[] journal = {Standing.IN_SYNC, Standing.IN_SYNC};

        private final BitSet[] missing = {new BitSet(), new BitSet()};

        private final int[][] legs = new int[2][PAGES];
        private final boolean[] up = {true, true};
        private final boolean[] regionLost = new boolean[2];
        private boolean journalDue;

        private final List<Write> sent = new ArrayList<>();
        private final List<Write> waiting = new ArrayList<>();
        private final int[] acknowledged = new int[PAGES];
        private int versions;

        /// A page being copied: its content, or -1 where nothing is read yet.
        private int copyPage = -1;

        private int copyTo;
        private int copied = -1;

        private boolean lost;
        private int acknowledgedWrites;
        private int singleLegWrites;
        private int resyncs;
        private int crashes;

        World(long seed) {
            this.seed = seed;
            random = new Random(seed);
        }

        void step() {
            int leg = random.nextInt(2);
            switch (random.nextInt(14)) {
                case 0 -> breakLeg(leg);
                case 1, 2 -> bringBack(leg);
                case 3 -> loseRegion(leg);
                case 4 -> replace(leg);
                case 5 -> record();
                case 6, 7, 8 -> write();
                case 9, 10, 11 -> answer(leg);
                case 12 -> copy();
                default -> {
                    if (random.nextInt(20) == 0) {
                        crash();
                    } else {
                        copy();
                    }
                }
            }
            retry();
            read();
        }

        private void on(Event event) {
            MirrorState.Step step = state.on(event);
            state = step.next();
            for (Action action : step.actions()) {
                switch (action) {
                    case Action.Journal _ -> journalDue = true;
                    case Action.LacksAll(int leg) -> missing[leg].set(0, PAGES);
                    case Action.Lost _ -> lost = true;
                }
            }
        }

        private void record() {
            if (journalDue) {
                journalDue = false;
                journal = new Standing[] {state.first().standing(), state.second().standing()};
                on(new Event.Recorded());
            }
        }

        private void breakLeg(int leg) {
            if (!up[leg]) {
                return;
            }
            up[leg] = false;
            on(new Event.Broke(leg));
            for (Write write : List.copyOf(sent)) {
                if ((write.pending >>> leg & 1) != 0) {
                    // It may have arrived before the break.
                    if (random.nextBoolean()) {
                        legs[leg][write.page] = write.version;
                    }
                    write.pending &= ~(1 << leg);
                    if (state.leg(leg).standing() != Standing.IN_SYNC) {
                        missing[leg].set(write.page);
                    }
                    finish(write);
                }
            }
            copyPage = -1;
        }

        private void bringBack(int leg) {
            if (!up[leg] && !regionLost[leg]) {
                up[leg] = true;
                on(new Event.Back(leg));
            }
        }

        /// Only one region at a time: two lost copies are beyond what a mirror promises.
        private void loseRegion(int leg) {
            if (random.nextInt(8) != 0 || up[leg] || regionLost[1 - leg] || regionLost[leg]) {
                return;
            }
            boolean otherIsWhole = missing[1 - leg].isEmpty();
            boolean wasLast = state.leg(leg).standing() == Standing.IN_SYNC;
            regionLost[leg] = true;
            on(new Event.Gone(leg, otherIsWhole));
            assertThat(lost).as(name()).isEqualTo(wasLast && !otherIsWhole);
        }

        private void replace(int leg) {
            if (regionLost[leg]) {
                legs[leg] = new int[PAGES];
                up[leg] = true;
                regionLost[leg] = false;
                for (Write write : sent) {
                    write.acked &= ~(1 << leg);
                }
                on(new Event.Replaced(leg));
            }
        }

        private void write() {
            int page = random.nextInt(PAGES);
            waiting.add(new Write(page, ++versions));
        }

        private void retry() {
            for (Write write : List.copyOf(waiting)) {
                boolean overlaps =
                        sent.stream().anyMatch(other -> other.page == write.page)
                                || copyPage == write.page;
                if (state.writable() == 0 || overlaps) {
                    continue;
                }
                waiting.remove(write);
                write.pending = state.writable();
                write.acked = 0;
                for (int leg = 0; leg < 2; leg++) {
                    if ((state.writable() >>> leg & 1) == 0) {
                        missing[leg].set(write.page);
                    }
                }
                sent.add(write);
            }
        }

        private void answer(int leg) {
            List<Write> owed =
                    sent.stream().filter(write -> (write.pending >>> leg & 1) != 0).toList();
            if (!up[leg] || owed.isEmpty()) {
                return;
            }
            Write write = owed.get(random.nextInt(owed.size()));
            legs[leg][write.page] = write.version;
            write.pending &= ~(1 << leg);
            write.acked |= 1 << leg;
            finish(write);
        }

        private void finish(Write write) {
            if (write.pending != 0) {
                return;
            }
            sent.remove(write);
            if (!state.isAcknowledged(write.acked)) {
                for (int leg = 0; leg < 2; leg++) {
                    if (state.leg(leg).standing() != Standing.IN_SYNC) {
                        missing[leg].set(write.page);
                    }
                }
                waiting.add(write);
                return;
            }
            acknowledgedWrites++;
            acknowledged[write.page] = write.version;
            int holders = 0;
            for (int leg = 0; leg < 2; leg++) {
                if ((write.acked >>> leg & 1) != 0) {
                    missing[leg].clear(write.page);
                }
                if (state.leg(leg).standing() == Standing.IN_SYNC) {
                    assertThat(legs[leg][write.page]).as(name()).isEqualTo(write.version);
                    holders++;
                }
            }
            if (holders == 1) {
                singleLegWrites++;
                assertThat(journal)
                        .as(name())
                        .containsExactly(state.first().standing(), state.second().standing());
            }
        }

        private void copy() {
            if (copyPage >= 0) {
                goOnCopying();
                return;
            }
            for (int leg = 0; leg < 2; leg++) {
                boolean connected =
                        state.first().reach() == Reach.CONNECTED
                                && state.second().reach() == Reach.CONNECTED;
                if (!connected || state.leg(leg).standing() == Standing.OUT) {
                    continue;
                }
                if (missing[leg].isEmpty()) {
                    if (state.leg(leg).standing() == Standing.IN_SYNC) {
                        continue;
                    }
                    resyncs++;
                    on(new Event.Copied(leg));
                    assertIdentical();
                    return;
                }
                int page = missing[leg].nextSetBit(random.nextInt(PAGES));
                if (page < 0 || missing[1 - leg].get(page)) {
                    continue;
                }
                copyPage = page;
                copyTo = leg;
                copied = -1;
                return;
            }
        }

        private void goOnCopying() {
            if (sent.stream().anyMatch(write -> write.page == copyPage)) {
                return;
            }
            if (copied < 0) {
                copied = legs[1 - copyTo][copyPage];
                return;
            }
            legs[copyTo][copyPage] = copied;
            missing[copyTo].clear(copyPage);
            copyPage = -1;
        }

        private void assertIdentical() {
            for (int page = 0; page < PAGES; page++) {
                int same = page;
                if (sent.stream().noneMatch(write -> write.page == same)) {
                    assertThat(legs[0][page]).as(name()).isEqualTo(legs[1][page]);
                }
            }
        }

        /// The process dies. What was in flight is settled as the seal's journal does it: one of
        /// the copies that are there becomes current on every leg.
        private void crash() {
            if (!up[0] || !up[1] || regionLost[0] || regionLost[1]) {
                return;
            }
            crashes++;
            for (Write write : sent) {
                for (int leg = 0; leg < 2; leg++) {
                    if ((write.pending >>> leg & 1) != 0 && random.nextBoolean()) {
                        legs[leg][write.page] = write.version;
                    }
                }
            }
            MirrorState restored = MirrorState.of(journal[0], journal[1]);
            int source = restored.first().standing() == Standing.IN_SYNC ? 0 : 1;
            assertThat(restored.leg(source).standing()).as(name()).isEqualTo(Standing.IN_SYNC);
            waiting.addAll(sent);
            for (Write write : waiting) {
                legs[1 - source][write.page] = legs[source][write.page];
                // Old or new: whichever it is, it stays.
                acknowledged[write.page] = legs[source][write.page];
            }
            sent.clear();
            waiting.clear();
            copyPage = -1;
            journalDue = false;
            state = restored;
            on(new Event.Back(0));
        }

        private void read() {
            for (int leg = 0; leg < 2; leg++) {
                if ((state.readable() >>> leg & 1) == 0) {
                    continue;
                }
                for (int page = missing[leg].nextClearBit(0);
                        page < PAGES;
                        page = missing[leg].nextClearBit(page + 1)) {
                    int seen = legs[leg][page];
                    int here = page;
                    boolean isConcurrent =
                            sent.stream().anyMatch(w -> w.page == here && w.version == seen)
                                    || waiting.stream()
                                            .anyMatch(w -> w.page == here && w.version == seen);
                    if (!isConcurrent) {
                        assertThat(seen).as(name()).isEqualTo(acknowledged[page]);
                    }
                }
            }
        }

        /// Everything works again: then the mirror has to become whole and all writes be done.
        private void heal() {
            for (int i = 0; i < 200 && !isWhole(); i++) {
                for (int leg = 0; leg < 2; leg++) {
                    replace(leg);
                    bringBack(leg);
                    answer(leg);
                }
                record();
                copy();
                retry();
            }
            assertThat(isWhole()).as(name()).isTrue();
            assertIdentical();
        }

        private boolean isWhole() {
            return state.equals(MirrorState.of(Standing.IN_SYNC, Standing.IN_SYNC))
                    && missing[0].isEmpty()
                    && missing[1].isEmpty()
                    && sent.isEmpty()
                    && waiting.isEmpty();
        }

        private String name() {
            return "seed " + seed;
        }
    }
}
