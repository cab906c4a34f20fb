package io.memfabric.agent.borrowing;

import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.ReplyHeader;
import io.memfabric.agent.nbd.RequestHeader;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/// Sees to it that no request crosses from one extent to the next: carries out those that do one
/// after the other and part by part, in a thread of its own. They are rare: an aligned request of 4
/// to 128 KiB never crosses, only long discards and readahead at odd places do.
final class Splitter implements BlockDevice {

    private enum Outcome {
        ANSWERED,
        ABANDONED
    }

    private final Requests requests;
    private final Answers answers;
    private final BlockDevice device;
    private final BlockingQueue<Integer> waiting = new ArrayBlockingQueue<>(Requests.SLOTS);
    private final BlockingQueue<Outcome> outcomes = new ArrayBlockingQueue<>(1);
    private @Nullable Thread thread;

    /// Where a read's data is put together, behind the room that the answer's sink is due.
    private ByteBuffer whole = ByteBuffer.allocate(0);

    private int assembled;

    private Splitter(Ready device, Requests requests, Answers answers) {
        this.requests = requests;
        this.answers = answers;
        this.device = device.start(requests, new PartsToUs());
    }

    /// Puts itself before a device of extents.
    static Ready before(Ready device) {
        return new Ready() {
            @Override
            public long sizeBytes() {
                return device.sizeBytes();
            }

            @Override
            public BlockDevice start(Requests requests, Answers answers) {
                return new Splitter(device, requests, answers);
            }
        };
    }

    @Override
    public void submit(int slot) {
        if (crosses(slot)) {
            split(slot);
        } else {
            device.submit(slot);
        }
    }

    private boolean crosses(int slot) {
        return requests.offset(slot) % RemoteDisk.EXTENT + requests.length(slot)
                > RemoteDisk.EXTENT;
    }

    @Override
    public void flush() {
        device.flush();
    }

    @Override
    public void send(int slot) {
        if (crosses(slot)) {
            split(slot);
        } else {
            device.send(slot);
        }
    }

    private synchronized void split(int slot) {
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
                if (carryOut(slot, part) == Outcome.ANSWERED) {
                    var _ = sink.answer(slot, whole, ReplyHeader.BYTES);
                    sink.flush();
                    whole.clear();
                } else {
                    answers.abandoned(slot);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            // Requests would wait for ever: better a device that is seen to have stopped.
            answers.stopped(new DeviceStop("internal_error", "splitting a request: " + e));
            throw e;
        }
    }

    private Outcome carryOut(int slot, ByteBuffer part) throws InterruptedException {
        int command = requests.command(slot);
        long length = requests.length(slot);
        assembled = 0;
        for (long done = 0; done < length; ) {
            long offset = requests.offset(slot) + done;
            int here =
                    (int) Math.min(length - done, RemoteDisk.EXTENT - offset % RemoteDisk.EXTENT);
            requests.setOwn(Requests.PART, command, offset, here, part);
            if (command == Nbd.CMD_WRITE) {
                int from = requests.frame(slot) + RequestHeader.BYTES + (int) done;
                part.put(RequestHeader.BYTES, requests.memory(slot), from, here);
            }
            device.send(Requests.PART);
            if (outcomes.take() == Outcome.ABANDONED) {
                return Outcome.ABANDONED;
            }
            done += here;
        }
        return Outcome.ANSWERED;
    }

    @Override
    public void abandon() {
        device.abandon();
    }

    @Override
    public void close() {
        device.close();
        synchronized (this) {
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    /// The device answers parts like all else; here they turn off to us.
    private final class PartsToUs implements Answers {

        @Override
        public Sink sink() {
            Sink sink = answers.sink();
            return new Sink() {
                @Override
                public boolean answer(int slot, ByteBuffer memory, int at) {
                    if (slot != Requests.PART) {
                        return sink.answer(slot, memory, at);
                    }
                    int length = requests.answerLength(Requests.PART);
                    whole.put(ReplyHeader.BYTES + assembled, memory, at, length);
                    assembled += length;
                    outcomes.add(Outcome.ANSWERED);
                    return true;
                }

                @Override
                public void flush() {
                    sink.flush();
                }
            };
        }

        @Override
        public void abandoned(int slot) {
            if (slot == Requests.PART) {
                outcomes.add(Outcome.ABANDONED);
            } else {
                answers.abandoned(slot);
            }
        }

        @Override
        public void stopped(DeviceStop reason) {
            answers.stopped(reason);
        }
    }
}
