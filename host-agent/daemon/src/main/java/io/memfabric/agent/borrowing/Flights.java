package io.memfabric.agent.borrowing;

import io.memfabric.agent.nbd.Nbd;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What a grant's mirrors have under way, by slot. An entry belongs to the extent whose request has
/// the slot and is guarded by that extent's lock; who looks without it has to look again with it.
///
/// A write goes out in its client's slot, to all legs at once. A read goes out in a lane, a slot of
/// the mirror's own, so that the client can be answered while a slow leg still owes its answer. A
/// chunk is a slot for the mirror's own copying.
final class Flights {

    static final int LANES = Requests.MIRROR;
    static final int LANE_COUNT = 127;
    static final int CHUNKS = LANES + LANE_COUNT;
    static final int CHUNK_COUNT = 4;
    static final int NOBODY = -1;

    /// How many lanes there may be beyond one for each client's read.
    private static final int MAX_SPARE = LANE_COUNT - Requests.MIRROR - 1;

    final Requests requests;

    /// The extent that has something under way in a slot.
    final @Nullable Mirrored[] owner = new @Nullable Mirrored[Requests.ALL];

    /// Where in its region a request begins.
    final long[] offset = new long[Requests.ALL];

    final long[] sentAt = new long[Requests.ALL];

    /// The legs, a bit each, that owe an answer.
    final int[] pending = new int[Requests.ALL];

    /// The legs, a bit each, that answered a write.
    final int[] acked = new int[Requests.ALL];

    /// Whose read a lane carries.
    final int[] client = new int[Requests.ALL];

    /// The lanes that carry a client's read.
    final int[] lane = new int[Requests.MIRROR];

    final int[] hedge = new int[Requests.MIRROR];

    /// The legs, a bit each, whose data for a client's read was refused, and how often it was.
    final int[] refused = new int[Requests.MIRROR];

    final int[] refusals = new int[Requests.MIRROR];

    private final AtomicLong[] free = {new AtomicLong(-1L), new AtomicLong(-1L >>> 1)};
    private final AtomicInteger spare = new AtomicInteger();

    Flights(Requests requests) {
        this.requests = requests;
        Arrays.fill(lane, NOBODY);
        Arrays.fill(hedge, NOBODY);
    }

    /// Takes a lane for a read of `length` bytes; there is one for each client's read.
    int takeLane(long length) {
        int taken = LANES + takeBit();
        requests.set(taken, Nbd.CMD_READ, 0, length, 0);
        return taken;
    }

    private int takeBit() {
        for (int word = 0; word < free.length; word++) {
            long seen = free[word].get();
            while (seen != 0) {
                if (free[word].compareAndSet(seen, seen & seen - 1)) {
                    return word * Long.SIZE + Long.numberOfTrailingZeros(seen);
                }
                seen = free[word].get();
            }
        }
        throw new IllegalStateException("more reads than slots");
    }

    void freeLane(int taken) {
        owner[taken] = null;
        int bit = taken - LANES;
        free[bit / Long.SIZE].getAndAccumulate(1L << bit, (before, mine) -> before | mine);
    }

    /// Takes note of one more lane than clients' reads need, unless there are too many.
    boolean takeSpare() {
        if (spare.incrementAndGet() <= MAX_SPARE) {
            return true;
        }
        spare.decrementAndGet();
        return false;
    }

    void freeSpare() {
        spare.decrementAndGet();
    }

    /// The extent to which a slot's request belongs that a leg has.
    Mirrored ownerOf(int slot) {
        Mirrored found = owner[slot];
        if (found == null) {
            throw new IllegalStateException("slot " + slot + " belongs to no extent");
        }
        return found;
    }

    long length(int slot) {
        return requests.length(slot);
    }

    boolean overlaps(int slot, long from, long bytes) {
        return offset[slot] < from + bytes && from < offset[slot] + length(slot);
    }
}
