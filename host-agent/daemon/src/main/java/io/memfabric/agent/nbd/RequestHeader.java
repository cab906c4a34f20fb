package io.memfabric.agent.nbd;

import java.nio.ByteBuffer;

/// A request's 28 bytes, read and changed where they lie: `magic:4 flags:2 command:2 cookie:8
/// offset:8 length:4`. Pointed at one header after the other, so that no request makes garbage.
public final class RequestHeader {

    /// The header's size.
    public static final int BYTES = 28;

    private static final int FLAGS = 4;
    private static final int COMMAND = 6;
    private static final int COOKIE = 8;
    private static final int OFFSET = 16;
    private static final int LENGTH = 24;

    private final ByteBuffer memory;
    private int at;

    public RequestHeader(ByteBuffer memory) {
        this.memory = memory;
    }

    /// Points at the header that begins at `position`.
    ///
    /// @throws NbdException where no request begins there
    public void moveTo(int position) throws NbdException {
        at = position;
        if (memory.getInt(at) != Nbd.REQUEST_MAGIC) {
            throw new NbdException("not a request");
        }
    }

    public int flags() {
        return memory.getShort(at + FLAGS) & 0xffff;
    }

    public int command() {
        return memory.getShort(at + COMMAND) & 0xffff;
    }

    public long cookie() {
        return memory.getLong(at + COOKIE);
    }

    public long offset() {
        return memory.getLong(at + OFFSET);
    }

    /// The length in bytes, up to 4 GiB.
    public long length() {
        return memory.getInt(at + LENGTH) & 0xffff_ffffL;
    }

    /// How many bytes follow the header.
    ///
    /// @throws NbdException where they are more than we would even read through
    public int payload() throws NbdException {
        if (command() != Nbd.CMD_WRITE) {
            return 0;
        }
        long length = length();
        if (length > Nbd.MAX_PAYLOAD) {
            throw new NbdException("a write of " + length + " bytes");
        }
        return (int) length;
    }

    /// Gives the header at `position` another cookie and offset.
    public static void redirect(ByteBuffer memory, int position, long cookie, long offset) {
        memory.putLong(position + COOKIE, cookie);
        memory.putLong(position + OFFSET, offset);
    }

    /// Writes a whole header without flags.
    public static void write(
            ByteBuffer memory, int position, int command, long cookie, long offset, int length) {
        memory.putInt(position, Nbd.REQUEST_MAGIC);
        memory.putShort(position + FLAGS, (short) 0);
        memory.putShort(position + COMMAND, (short) command);
        memory.putLong(position + COOKIE, cookie);
        memory.putLong(position + OFFSET, offset);
        memory.putInt(position + LENGTH, length);
    }
}
