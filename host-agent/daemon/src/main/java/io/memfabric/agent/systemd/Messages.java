package io.memfabric.agent.systemd;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// The structures of unix(7), sendmsg(2) and cmsg(3) as 64-bit Linux has them.
final class Messages {

    private static final int PATH_AT = 2;

    /// `sun_path` with its final zero.
    private static final int MAX_PATH = 108;

    private static final long MSGHDR_BYTES = 56;
    private static final long MSG_NAME = 0;
    private static final long MSG_NAMELEN = 8;
    private static final long MSG_IOV = 16;
    private static final long MSG_IOVLEN = 24;
    private static final long MSG_CONTROL = 32;
    private static final long MSG_CONTROLLEN = 40;

    private static final long CMSG_BYTES = 24;
    private static final long CMSG_LEN = 20;
    private static final long CMSG_LEVEL = 8;
    private static final long CMSG_TYPE = 12;
    private static final long CMSG_DATA = 16;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;

    private Messages() {}

    /// A unix socket's address; `@` begins a name in the abstract space.
    static MemorySegment address(String path, Arena arena) throws IOException {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length >= MAX_PATH) {
            throw new IOException("a unix socket's path has 1 to 107 bytes: " + path);
        }
        boolean isAbstract = path.startsWith("@");
        MemorySegment address =
                arena.allocate(PATH_AT + bytes.length + (isAbstract ? 0 : 1), Long.BYTES);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) Posix.AF_UNIX);
        MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, PATH_AT, bytes.length);
        if (isAbstract) {
            address.set(ValueLayout.JAVA_BYTE, PATH_AT, (byte) 0);
        }
        return address;
    }

    /// A datagram.
    ///
    /// @param descriptor what goes with it, or -1
    static MemorySegment datagram(MemorySegment to, String text, int descriptor, Arena arena) {
        MemorySegment body =
                arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.UTF_8));
        MemorySegment vector = arena.allocate(2L * Long.BYTES, Long.BYTES);
        vector.set(ValueLayout.ADDRESS, 0, body);
        vector.set(ValueLayout.JAVA_LONG, Long.BYTES, body.byteSize());
        MemorySegment message = arena.allocate(MSGHDR_BYTES, Long.BYTES);
        message.set(ValueLayout.ADDRESS, MSG_NAME, to);
        message.set(ValueLayout.JAVA_INT, MSG_NAMELEN, (int) to.byteSize());
        message.set(ValueLayout.ADDRESS, MSG_IOV, vector);
        message.set(ValueLayout.JAVA_LONG, MSG_IOVLEN, 1);
        if (descriptor >= 0) {
            MemorySegment rights = arena.allocate(CMSG_BYTES, Long.BYTES);
            rights.set(ValueLayout.JAVA_LONG, 0, CMSG_LEN);
            rights.set(ValueLayout.JAVA_INT, CMSG_LEVEL, SOL_SOCKET);
            rights.set(ValueLayout.JAVA_INT, CMSG_TYPE, SCM_RIGHTS);
            rights.set(ValueLayout.JAVA_INT, CMSG_DATA, descriptor);
            message.set(ValueLayout.ADDRESS, MSG_CONTROL, rights);
            message.set(ValueLayout.JAVA_LONG, MSG_CONTROLLEN, CMSG_BYTES);
        }
        return message;
    }
}
