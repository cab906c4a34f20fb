package io.memfabric.agent.borrowing.export;

import io.memfabric.agent.borrowing.Answers;
import io.memfabric.agent.borrowing.Requests;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.ReplyHeader;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Turns one thread's answers into replies where they lie: the header goes into the 16 bytes before
/// the data, and what lies one behind the other goes out in one call.
final class ReplyRun implements Answers.Sink {

    private final UnixDiskServer server;
    private final Requests requests;

    private @Nullable ByteBuffer memory;
    private int from;
    private int to;
    private long answered;

    ReplyRun(UnixDiskServer server, Requests requests) {
        this.server = server;
        this.requests = requests;
    }

    @Override
    public boolean answer(int slot, ByteBuffer in, int at) {
        int header = at - ReplyHeader.BYTES;
        ReplyHeader.write(in, header, Nbd.OK, server.cookie(slot));
        if (header != to || !isSame(in)) {
            flush();
            memory = in;
            from = header;
        }
        to = at + requests.answerLength(slot);
        answered |= 1L << slot;
        return true;
    }

    /// The very same memory; equal content is of no interest.
    @SuppressWarnings("ReferenceEquality")
    private boolean isSame(ByteBuffer in) {
        return in == memory;
    }

    @Override
    public void flush() {
        ByteBuffer run = memory;
        if (run != null) {
            server.reply(run, from, to);
            run.clear();
            memory = null;
            server.release(answered);
            answered = 0;
        }
    }
}
