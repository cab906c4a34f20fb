package io.memfabric.agent.borrowing.export;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/// The memory into which requests are received and in which each stays, whole, until it is answered.
/// It is used from its start again as soon as there is room for a batch, so that it stays in the
/// processor's cache however large it is.
final class RequestRing {

    /// Sixteen writes of 128 KiB and a batch: what QEMU can have under way.
    private static final int BYTES = (2 << 20) + (512 << 10);

    private static final int BATCH = (256 << 10) + 64;
    private static final int MAX_KEPT = 1024;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(BYTES);

    /// For receiving: other threads use the memory at the same time, so the limit of theirs must
    /// stay where it is.
    private final ByteBuffer intake = memory.duplicate();

    private final SlotPool slots;

    private int start;
    private int end;

    /// The frames that stay, oldest first, as a ring of their own.
    private final int[] keptStart = new int[MAX_KEPT];

    private final int[] keptSlot = new int[MAX_KEPT];
    private final int[] keptUse = new int[MAX_KEPT];
    private int oldest;
    private int kept;

    RequestRing(SlotPool slots) {
        this.slots = slots;
    }

    /// The memory; for any thread, by absolute positions only.
    ByteBuffer memory() {
        return memory;
    }

    /// Where the first byte lies that was not yet taken.
    int start() {
        return start;
    }

    int available() {
        return end - start;
    }

    /// Takes bytes from the start that need not stay.
    void drop(int bytes) {
        start += bytes;
    }

    /// Takes a frame from the start that stays until its slot is given back.
    void keep(int bytes, int slot) {
        int index = (oldest + kept++) % MAX_KEPT;
        keptStart[index] = start;
        keptSlot[index] = slot;
        keptUse[index] = slots.uses(slot);
        start += bytes;
    }

    boolean canKeepOneMore() {
        forgetAnswered();
        return kept < MAX_KEPT;
    }

    /// Forgets a client: its unfinished bytes are gone.
    void clear() {
        start = 0;
        end = 0;
        oldest = 0;
        kept = 0;
    }

    /// Whether there is room for the rest of the frame that begins at the start; where there is
    /// none, there will be when slots are given back.
    boolean hasRoomFor(int frame) {
        forgetAnswered();
        if (kept == 0) {
            if (start == end || start + frame > BYTES) {
                moveToStart();
            }
            return true;
        }
        int oldestStart = keptStart[oldest];
        if (start <= oldestStart) {
            return start + frame <= oldestStart;
        }
        boolean isStartFree = oldestStart >= Math.max(frame, BATCH);
        if (start == end && isStartFree) {
            moveToStart();
            return true;
        }
        if (start + frame <= BYTES) {
            return true;
        }
        if (oldestStart >= frame) {
            moveToStart();
            return true;
        }
        return false;
    }

    /// Receives at least one byte; the caller has seen that there is room.
    ///
    /// @return false at the end of the stream
    boolean receive(ReadableByteChannel channel) throws IOException {
        int bound = kept > 0 && end <= keptStart[oldest] ? keptStart[oldest] : BYTES;
        intake.limit(Math.min(bound, end + BATCH)).position(end);
        int received = channel.read(intake);
        if (received < 0) {
            return false;
        }
        end += received;
        return true;
    }

    private void moveToStart() {
        int moved = end - start;
        memory.put(0, memory, start, moved);
        start = 0;
        end = moved;
    }

    private void forgetAnswered() {
        slots.collect();
        while (kept > 0 && !slots.isHeld(keptSlot[oldest], keptUse[oldest])) {
            oldest = (oldest + 1) % MAX_KEPT;
            kept--;
        }
    }
}
