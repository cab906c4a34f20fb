package io.memfabric.agent.borrowing;

import io.memfabric.agent.nbd.ReplyHeader;
import java.nio.ByteBuffer;

/// Answers reads of pages that read as zeros, for the submitting thread.
final class ZeroPages {

    private static final int BYTES = 256 << 10;
    private static final ByteBuffer ZEROS =
            ByteBuffer.allocateDirect(Requests.MAX_PAYLOAD).asReadOnlyBuffer();

    private final Requests requests;
    private final Answers.Sink sink;

    /// Used from its start again after each flush.
    private ByteBuffer memory = ByteBuffer.allocate(0);

    private int end;

    ZeroPages(Requests requests, Answers answers) {
        this.requests = requests;
        this.sink = answers.sink();
    }

    void answer(int slot) {
        int length = requests.answerLength(slot);
        if (end + ReplyHeader.BYTES + length > memory.capacity()) {
            flush();
            makeRoomFor(ReplyHeader.BYTES + length);
        }
        int at = end + ReplyHeader.BYTES;
        zero(memory, at, length);
        var _ = sink.answer(slot, memory, at);
        end = at + length;
    }

    private void makeRoomFor(int bytes) {
        if (bytes > memory.capacity()) {
            memory = ByteBuffer.allocateDirect(Math.max(bytes, BYTES));
        }
    }

    /// Zeros a part of a memory.
    static void zero(ByteBuffer memory, int at, int length) {
        memory.put(at, ZEROS, 0, length);
    }

    void flush() {
        if (end > 0) {
            sink.flush();
            end = 0;
        }
    }
}
