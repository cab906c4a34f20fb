package io.memfabric.agent.borrowing;

import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.ReplyHeader;
import io.memfabric.agent.nbd.RequestHeader;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/// Carries out requests that cross from one leg to the next, one after the other and part by
/// part, in a thread of its own. They are rare: an aligned request of 4 to 128 KiB never crosses,
/// only long discards and readahead at odd places do.
final class Splitter implements AutoCloseable {

    private enum Outcome {
        ANSWERED,
        ABANDONED
    }

    private final RemoteDisk disk;
    private final Requests requests;
    private final Answers answers;
    private final BlockingQueue<Integer> waiting = new ArrayBlockingQueue<>(Requests.SLOTS);
    private final BlockingQueue<Outcome> outcomes = new ArrayBlockingQueue<>(1);
    private @Nullable Thread thread;

    /// Where a read's data is put together, behind the room that the answer's sink is due.
    private ByteBuffer whole = ByteBuffer.allocate(0);

    private int assembled;

    Splitter(RemoteDisk disk, Requests requests, Answers answers) {
        this.disk = disk;
        this.requests = requests;
        this.answers = answers;
    }

    /// Takes a request; only the submitting thread calls this.
    void submit(int slot) {
        if (thread == null) {
            whole = ByteBuffer.allocateDirect(ReplyHeader.BYTES + Requests.MAX_PAYLOAD);
            thread = Thread.ofPlatform().daemon().name("disk-splitter").start(this::run);
        }
        waiting.add(slot);
    }

    private void run() {
        Answers.Sink sink = answers.sink();
        ByteBuffer part = ByteBuffer.allocateDirect(RequestHeader.BYTES + Requests.MAX_PAYLOAD);
        try {
            while (true) {
                int slot = waiting.take();
                carryOut(slot, part, sink);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            // Requests would wait for ever: better a device that is seen to have stopped.
            answers.stopped(new DeviceStop("internal_error", "splitting a request: " + e));
            throw e;
        }
    }

    private void carryOut(int slot, ByteBuffer part, Answers.Sink sink)
            throws InterruptedException {
        for (int tries = 0; tries < Answers.TRIES; tries++) {
            if (partByPart(slot, part) == Outcome.ABANDONED) {
                answers.abandoned(slot);
                return;
            }
            boolean accepted = sink.answer(slot, whole, ReplyHeader.BYTES);
            sink.flush();
            whole.clear();
            if (accepted) {
                return;
            }
        }
        answers.stopped(Answers.PAGE_LOST, "no copy of a page is what was written");
    }

    private Outcome partByPart(int slot, ByteBuffer part) throws InterruptedException {
        int command = requests.command(slot);
        long length = requests.length(slot);
        assembled = 0;
        for (long done = 0; done < length; ) {
            long offset = requests.offset(slot) + done;
            long here = Math.min(length - done, disk.endOf(offset) - offset);
            RequestHeader.write(part, 0, command, 0, 0, (int) here);
            if (command == Nbd.CMD_WRITE) {
                int from = requests.frame(slot) + RequestHeader.BYTES + (int) done;
                part.put(RequestHeader.BYTES, requests.memory(slot), from, (int) here);
            }
            requests.setPart(command, here, part);
            disk.sendPart(offset);
            if (outcomes.take() == Outcome.ABANDONED) {
                return Outcome.ABANDONED;
            }
            done += here;
        }
        return Outcome.ANSWERED;
    }

    /// A leg answered the part; called in the leg's thread, whose memory is used only now.
    void answered(ByteBuffer memory, int at) {
        int length = requests.answerLength(Requests.PART);
        whole.put(ReplyHeader.BYTES + assembled, memory, at, length);
        assembled += length;
        outcomes.add(Outcome.ANSWERED);
    }

    void abandoned() {
        outcomes.add(Outcome.ABANDONED);
    }

    @Override
    public void close() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }
}
