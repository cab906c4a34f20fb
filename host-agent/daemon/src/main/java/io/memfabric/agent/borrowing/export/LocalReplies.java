package io.memfabric.agent.borrowing.export;

import io.memfabric.agent.nbd.ReplyHeader;
import java.nio.ByteBuffer;

/// Replies that need no device: errors, and what is done already.
final class LocalReplies {

    private static final int CAPACITY = 64 * ReplyHeader.BYTES;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(CAPACITY);
    private int end;

    boolean isFull() {
        return end == CAPACITY;
    }

    void add(long cookie, int error) {
        ReplyHeader.write(memory, end, error, cookie);
        end += ReplyHeader.BYTES;
    }

    void send(ClientConnection client) {
        if (end > 0) {
            client.write(memory, 0, end);
            memory.clear();
            end = 0;
        }
    }
}
