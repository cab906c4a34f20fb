package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.RequestHeader;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// A leg and the memory of its requests, in place of a device.
final class LegBed implements AutoCloseable {

    private static final long PATIENCE = 20;
    private static final int FRAME = RequestHeader.BYTES + Requests.MAX_PAYLOAD;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(Requests.SLOTS * FRAME);
    private final Requests requests = new Requests(memory);
    private final AtomicReferenceArray<byte[]> data = new AtomicReferenceArray<>(Requests.ALL);
    private final Semaphore answered = new Semaphore(0);
    private final Semaphore broken = new Semaphore(0);
    private final BlockingQueue<Integer> abandoned = new LinkedBlockingQueue<>();
    private final BlockingQueue<DeviceStop> stops = new LinkedBlockingQueue<>();
    private final AtomicInteger toRefuse = new AtomicInteger();
    private final Leg leg;

    private LegBed(Leg.Connected connected, boolean breakable) {
        leg =
                breakable
                        ? connected.start(requests, new Taken(), broken::release)
                        : connected.start(requests, new Taken());
    }

    /// A leg that connects again.
    static LegBed begin(Leg.Connected connected) {
        return new LegBed(connected, false);
    }

    /// A leg that ends with its connection.
    static LegBed beginBreakable(Leg.Connected connected) {
        return new LegBed(connected, true);
    }

    static byte[] stamped(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private final class Taken implements Answers {
        @Override
        public Sink sink() {
            return new Sink() {
                private int fresh;

                @Override
                public boolean answer(int slot, ByteBuffer from, int at) {
                    if (toRefuse.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                        return false;
                    }
                    byte[] bytes = new byte[requests.answerLength(slot)];
                    from.get(at, bytes);
                    // The 16 bytes before an answer are the sink's, until it is flushed.
                    from.putLong(at - 16, slot).putLong(at - 8, ~0L);
                    data.set(slot, bytes);
                    fresh++;
                    return true;
                }

                @Override
                public void flush() {
                    answered.release(fresh);
                    fresh = 0;
                }
            };
        }

        @Override
        public void abandoned(int slot) {
            abandoned.add(slot);
        }

        @Override
        public void stopped(DeviceStop reason) {
            stops.add(reason);
        }
    }

    Leg leg() {
        return leg;
    }

    void submit(int slot, int command, long offset, long length) {
        requests.set(slot, command, offset, length, slot * FRAME);
        RequestHeader.write(
                memory, slot * FRAME, command, 0, offset, (int) Math.min(length, 1 << 30));
        leg.submit(slot, offset);
    }

    void submitWrite(int slot, long offset, byte[] bytes) {
        memory.put(slot * FRAME + RequestHeader.BYTES, bytes);
        submit(slot, Nbd.CMD_WRITE, offset, bytes.length);
    }

    void flushAndAwait(int count) throws InterruptedException {
        leg.flush();
        await(count);
    }

    private void await(int count) throws InterruptedException {
        assertThat(answered.tryAcquire(count, PATIENCE, TimeUnit.SECONDS))
                .as("answers in %d s; stopped: %s", PATIENCE, stops)
                .isTrue();
    }

    void cutInTheMiddle(int count) throws InterruptedException {
        leg.flush();
        leg.cut();
        await(count);
    }

    byte[] data(int slot) {
        return data.get(slot);
    }

    void run(int command, long offset, long length) throws InterruptedException {
        submit(0, command, offset, length);
        flushAndAwait(1);
    }

    void write(long offset, byte[] bytes) throws InterruptedException {
        submitWrite(0, offset, bytes);
        flushAndAwait(1);
    }

    byte[] read(long offset, int length) throws InterruptedException {
        run(Nbd.CMD_READ, offset, length);
        return data.get(0);
    }

    void refuseNext(int answers) {
        toRefuse.set(answers);
    }

    DeviceStop awaitStop() throws InterruptedException {
        DeviceStop stop = stops.poll(PATIENCE, TimeUnit.SECONDS);
        assertThat(stop).as("a stop in %d s", PATIENCE).isNotNull();
        return stop;
    }

    void awaitBreak() throws InterruptedException {
        assertThat(broken.tryAcquire(PATIENCE, TimeUnit.SECONDS)).isTrue();
    }

    int awaitAbandoned() throws InterruptedException {
        Integer slot = abandoned.poll(PATIENCE, TimeUnit.SECONDS);
        assertThat(slot).as("a request that is let go of").isNotNull();
        return slot;
    }

    @Override
    public void close() {
        leg.close();
    }
}
