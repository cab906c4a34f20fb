package io.memfabric.agent.borrowing.rdma;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.BitSet;

/// The memory through which a connection's data goes: made once, registered once, handed out in runs
/// of cells. Each run has room before its data, which who takes an answer may use. Its users hold the
/// leg's lock.
final class BounceMemory implements AutoCloseable {

    /// Room before the data: 16 bytes are asked for, and a cache line keeps the data aligned.
    static final int HEAD = 64;

    private static final int PAGE = 4096;
    private static final int CELL = HEAD + PAGE;
    private static final int CELLS = 1024;

    private final Arena arena;
    private final MemorySegment memory;
    private final ByteBuffer buffer;

    /// The same memory for the thread that hands answers on, which moves its limit as it writes.
    private final ByteBuffer answers;

    private final BitSet used = new BitSet(CELLS);

    /// Where the search begins: cells that were just given back are warm, but their neighbours more
    /// often make a run.
    private int cursor;

    // Closed by close().
    @SuppressWarnings("MustBeClosedChecker")
    BounceMemory() {
        arena = Arena.ofShared();
        memory = arena.allocate((long) CELL * CELLS, PAGE);
        buffer = memory.asByteBuffer();
        answers = memory.asByteBuffer();
    }

    long address() {
        return memory.address();
    }

    long bytes() {
        return memory.byteSize();
    }

    /// For the thread that sends requests off: its limit never moves.
    ByteBuffer buffer() {
        return buffer;
    }

    /// For the thread that takes completions alone.
    ByteBuffer answers() {
        return answers;
    }

    /// Takes a run for so many bytes of data, or answers -1 where there is none now. A run for the
    /// longest request is there at the latest when everything was given back.
    int take(int bytes) {
        int wanted = cells(bytes);
        int found = search(cursor, CELLS, wanted);
        if (found < 0) {
            found = search(0, CELLS, wanted);
        }
        if (found >= 0) {
            used.set(found, found + wanted);
            cursor = found + wanted;
        }
        return found;
    }

    private int search(int from, int to, int wanted) {
        int start = used.nextClearBit(from);
        while (start + wanted <= to) {
            int end = used.nextSetBit(start);
            if (end < 0 || end >= start + wanted) {
                return start;
            }
            start = used.nextClearBit(end);
        }
        return -1;
    }

    void give(int cell, int bytes) {
        used.clear(cell, cell + cells(bytes));
    }

    private static int cells(int bytes) {
        return (HEAD + bytes + CELL - 1) / CELL;
    }

    /// Where the data of a run begins in [#buffer].
    int at(int cell) {
        return cell * CELL + HEAD;
    }

    long addressOf(int cell) {
        return memory.address() + at(cell);
    }

    @Override
    public void close() {
        arena.close();
    }
}
