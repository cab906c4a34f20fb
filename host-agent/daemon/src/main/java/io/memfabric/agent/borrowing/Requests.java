package io.memfabric.agent.borrowing;

import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.RequestHeader;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// The requests that a device is carrying out, each in a slot. A slot is filled by the thread that
/// submits it, and read by others only after they saw something that this thread published later.
///
/// Each has a frame: 28 bytes for an NBD request header, which whoever sends it fills in, and behind
/// it the data of a write. The frame stays as it is until the request is answered, so that it can be
/// sent again.
public final class Requests {

    /// How many requests a client can have under way. QEMU has at most 16.
    public static final int SLOTS = 64;

    /// One more slot, for the parts of requests that cross from one extent to the next.
    static final int PART = SLOTS;

    /// One more, for the pages whose last write's outcome is open.
    static final int SETTLE = PART + 1;

    /// Where the slots of a mirror's own requests begin.
    static final int MIRROR = SETTLE + 1;

    /// How many slots there are in all.
    public static final int ALL = 256;

    /// The longest read or write, in bytes.
    public static final int MAX_PAYLOAD = 1 << 20;

    private final int[] command = new int[ALL];
    private final long[] offset = new long[ALL];
    private final long[] length = new long[ALL];
    private final ByteBuffer[] memory = new ByteBuffer[ALL];
    private final int[] frame = new int[ALL];

    /// @param memory where the frames of all clients' requests lie
    public Requests(ByteBuffer memory) {
        // A view of its own: who receives into the memory changes its limit, by which the accesses
        // of
        // all other threads would be judged.
        Arrays.fill(this.memory, memory.duplicate());
    }

    /// Fills a slot.
    ///
    /// @param frame where in the memory its frame begins
    public void set(int slot, int command, long offset, long length, int frame) {
        this.command[slot] = command;
        this.offset[slot] = offset;
        this.length[slot] = length;
        this.frame[slot] = frame;
    }

    /// Fills a slot of our own, whose frame lies at the start of a memory of its own.
    void setOwn(int slot, int command, long offset, int length, ByteBuffer memory) {
        RequestHeader.write(memory, 0, command, 0, 0, length);
        set(slot, command, offset, length, 0);
        this.memory[slot] = memory;
    }

    public int command(int slot) {
        return command[slot];
    }

    public long offset(int slot) {
        return offset[slot];
    }

    public long length(int slot) {
        return length[slot];
    }

    /// Where the slot's frame lies. Several threads share it: its position and limit stay as they
    /// are.
    public ByteBuffer memory(int slot) {
        return memory[slot];
    }

    public int frame(int slot) {
        return frame[slot];
    }

    public int frameLength(int slot) {
        return command[slot] == Nbd.CMD_WRITE
                ? RequestHeader.BYTES + (int) length[slot]
                : RequestHeader.BYTES;
    }

    /// How many bytes of data the answer carries.
    public int answerLength(int slot) {
        return command[slot] == Nbd.CMD_READ ? (int) length[slot] : 0;
    }
}
