package io.memfabric.agent.nbd;

import java.nio.ByteBuffer;

/// A simple reply's 16 bytes where they lie: `magic:4 error:4 cookie:8`. A successful read's data
/// follows.
public final class ReplyHeader {

    /// The header's size.
    public static final int BYTES = 16;

    private static final int ERROR = 4;
    private static final int COOKIE = 8;

    private ReplyHeader() {}

    public static void write(ByteBuffer memory, int position, int error, long cookie) {
        memory.putInt(position, Nbd.REPLY_MAGIC);
        memory.putInt(position + ERROR, error);
        memory.putLong(position + COOKIE, cookie);
    }

    /// The cookie of the reply that begins at `position`.
    ///
    /// @throws NbdException where no reply begins there
    public static long cookie(ByteBuffer memory, int position) throws NbdException {
        if (memory.getInt(position) != Nbd.REPLY_MAGIC) {
            throw new NbdException("not a reply");
        }
        return memory.getLong(position + COOKIE);
    }

    public static int error(ByteBuffer memory, int position) {
        return memory.getInt(position + ERROR);
    }
}
