package io.memfabric.agent.borrowing;

import java.nio.ByteBuffer;

/// Takes the answers of one connection of a mirror, in its thread.
final class LinkSink implements Answers.Sink {

    private final Mirrors mirrors;
    private final MirrorLink link;
    private final Answers.Sink sink;

    /// When this batch arrived, or 0 where nobody asked yet.
    private long now;

    LinkSink(Mirrors mirrors, MirrorLink link, Answers.Sink sink) {
        this.mirrors = mirrors;
        this.link = link;
        this.sink = sink;
    }

    @Override
    public boolean answer(int slot, ByteBuffer memory, int at) {
        if (now == 0) {
            now = System.nanoTime();
        }
        if (slot >= Flights.CHUNKS) {
            mirrors.chunk(slot).answered(memory, at);
        } else if (slot >= Flights.LANES) {
            answerRead(slot, memory, at);
        } else if (mirrors.flights().ownerOf(slot).written(slot, link)) {
            var _ = sink.answer(slot, memory, at);
        }
        // Whatever the data is worth, this leg has done its part: the mirror asks again.
        return true;
    }

    private void answerRead(int lane, ByteBuffer memory, int at) {
        link.latencies().add(now - mirrors.flights().sentAt[lane]);
        MirrorReads reads = mirrors.flights().ownerOf(lane).reads();
        int client = reads.landed(lane);
        if (client == Flights.NOBODY) {
            return;
        }
        // Once it is answered the slot is somebody else's.
        int refused = mirrors.flights().refused[client];
        long from = mirrors.flights().offset[client];
        long length = mirrors.flights().length(client);
        if (!sink.answer(client, memory, at)) {
            reads.refused(client, link);
        } else if (refused != 0) {
            reads.accepted(refused, from, length, link);
        }
    }

    @Override
    public void flush() {
        sink.flush();
        if (now != 0) {
            link.heard(now);
            now = 0;
        }
    }
}
