package io.memfabric.agent.borrowing;

import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.RequestHeader;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;

/// A device of plain memory that does what a test says: answers at once or when told, with what it
/// holds or with what it was told to hold.
final class FakeLender implements BlockDevice.Ready {

    static final int ROOM = 16;

    final byte[] disk;

    /// Runs when an answer was refused, before the request is carried out again.
    Runnable afterRefusal = () -> {};

    final AtomicInteger refused = new AtomicInteger();
    final AtomicInteger reads = new AtomicInteger();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("fake-lender").factory());
    private volatile boolean holds;

    /// Whether a write that is let go of took place all the same.
    volatile boolean appliesAbandoned;

    private final Deque<Integer> held = new ArrayDeque<>();
    private Requests requests = new Requests(ByteBuffer.allocate(0));
    private Answers.Sink sink = new NoSink();
    private Answers answers = new NoAnswers();

    FakeLender(int pages) {
        this(new byte[pages * KeptLayout.PAGE]);
    }

    FakeLender(byte[] disk) {
        this.disk = disk;
    }

    /// From now on requests wait for [#carryOut].
    void hold() {
        holds = true;
    }

    synchronized int held() {
        return held.size();
    }

    /// Carries out what was held, and what comes from now on.
    synchronized void carryOut() {
        holds = false;
        while (!held.isEmpty()) {
            int slot = held.remove();
            thread.execute(() -> execute(slot));
        }
    }

    byte[] page(long page) {
        byte[] copy = new byte[KeptLayout.PAGE];
        System.arraycopy(disk, (int) page * KeptLayout.PAGE, copy, 0, copy.length);
        return copy;
    }

    void setPage(long page, byte[] bytes) {
        System.arraycopy(bytes, 0, disk, (int) page * KeptLayout.PAGE, bytes.length);
    }

    @Override
    public long sizeBytes() {
        return disk.length;
    }

    @Override
    public BlockDevice start(Requests ofDevice, Answers to) {
        requests = ofDevice;
        answers = to;
        sink = to.sink();
        return new Device();
    }

    private void execute(int slot) {
        int at = (int) requests.offset(slot);
        int length = (int) requests.length(slot);
        ByteBuffer answer = ByteBuffer.allocateDirect(ROOM + length);
        switch (requests.command(slot)) {
            case Nbd.CMD_READ -> {
                answer.put(ROOM, disk, at, length);
                reads.incrementAndGet();
            }
            case Nbd.CMD_WRITE -> takeWrite(slot);
            default -> java.util.Arrays.fill(disk, at, at + length, (byte) 0);
        }
        if (!sink.answer(slot, answer, ROOM)) {
            afterRefusal.run();
            if (refused.incrementAndGet() == Answers.TRIES) {
                answers.stopped(new DeviceStop(Answers.PAGE_LOST, ""));
            } else {
                thread.execute(() -> execute(slot));
            }
        }
        sink.flush();
    }

    private void takeWrite(int slot) {
        int from = requests.frame(slot) + RequestHeader.BYTES;
        int at = (int) requests.offset(slot);
        requests.memory(slot).get(from, disk, at, (int) requests.length(slot));
    }

    private final class Device implements BlockDevice {

        @Override
        public void submit(int slot) {
            send(slot);
        }

        @Override
        public void flush() {}

        @Override
        public void send(int slot) {
            synchronized (FakeLender.this) {
                if (holds) {
                    held.add(slot);
                } else {
                    thread.execute(() -> execute(slot));
                }
            }
        }

        @Override
        public void abandon() {
            synchronized (FakeLender.this) {
                while (!held.isEmpty()) {
                    int slot = held.remove();
                    if (appliesAbandoned && requests.command(slot) == Nbd.CMD_WRITE) {
                        takeWrite(slot);
                    }
                    answers.abandoned(slot);
                }
            }
        }

        @Override
        public void close() {
            thread.shutdownNow();
        }
    }

    private static final class NoSink implements Answers.Sink {
        @Override
        public boolean answer(int slot, ByteBuffer memory, int at) {
            return true;
        }

        @Override
        public void flush() {}
    }

    private static final class NoAnswers implements Answers {
        @Override
        public Sink sink() {
            return new NoSink();
        }

        @Override
        public void abandoned(int slot) {}

        @Override
        public void stopped(DeviceStop reason) {}
    }
}
