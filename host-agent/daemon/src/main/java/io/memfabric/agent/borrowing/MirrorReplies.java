package io.memfabric.agent.borrowing;

import io.memfabric.agent.nbd.ReplyHeader;
import java.nio.ByteBuffer;

/// Answers writes from a thread that received nothing.
final class MirrorReplies {

    private final Answers.Sink sink;

    /// Room for what the sink is due before each answer's data, of which a write has none.
    private final ByteBuffer room = ByteBuffer.allocateDirect(Requests.MIRROR * ReplyHeader.BYTES);

    private int answered;

    MirrorReplies(Answers.Sink sink) {
        this.sink = sink;
    }

    void answer(int slot) {
        if (answered == Requests.MIRROR) {
            flush();
        }
        // A write's data cannot be refused: it has none.
        var _ = sink.answer(slot, room, ++answered * ReplyHeader.BYTES);
    }

    void flush() {
        if (answered > 0) {
            sink.flush();
            answered = 0;
        }
    }
}
