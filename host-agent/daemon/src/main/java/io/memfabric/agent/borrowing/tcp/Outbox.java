package io.memfabric.agent.borrowing.tcp;

import io.memfabric.agent.borrowing.Requests;
import io.memfabric.agent.nbd.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;

/// The requests that go out together. Their frames lie in the memory into which they were received;
/// those that lie one behind the other go out as one run, and all runs in one call.
final class Outbox {

    private final Requests requests;
    private final int[] slots = new int[Requests.SLOTS];
    private final long[] offsets = new long[Requests.SLOTS];
    private final ByteBuffer[] runs = new ByteBuffer[Requests.SLOTS];
    private int count;

    Outbox(Requests requests) {
        this.requests = requests;
    }

    /// Adds a request and answers whether it is the first.
    boolean add(int slot, long offset) {
        slots[count] = slot;
        offsets[count] = offset;
        return count++ == 0;
    }

    void enter(Outstanding outstanding) {
        for (int i = 0; i < count; i++) {
            outstanding.enter(requests, slots[i], offsets[i]);
        }
    }

    void send(Wire wire) throws IOException {
        int runCount = 0;
        int runEnd = -1;
        for (int i = 0; i < count; i++) {
            int from = requests.frame(slots[i]);
            int to = from + requests.frameLength(slots[i]);
            if (from == runEnd) {
                runs[runCount - 1].limit(to);
            } else {
                run(runCount++, slots[i]).limit(to).position(from);
            }
            runEnd = to;
        }
        if (runCount == 1) {
            while (runs[0].hasRemaining()) {
                wire.write(runs[0]);
            }
        } else if (runCount > 1) {
            while (runs[runCount - 1].hasRemaining()) {
                wire.write(runs, 0, runCount);
            }
        }
    }

    private ByteBuffer run(int index, int slot) {
        ByteBuffer run = runs[index];
        if (run == null) {
            run = requests.memory(slot).duplicate();
            runs[index] = run;
        }
        return run.clear();
    }

    void clear() {
        count = 0;
    }

    /// Sends one request whose header is complete.
    static void sendOne(Wire wire, Requests requests, int slot) throws IOException {
        int from = requests.frame(slot);
        ByteBuffer frame = requests.memory(slot).slice(from, requests.frameLength(slot));
        while (frame.hasRemaining()) {
            wire.write(frame);
        }
    }
}
