package io.memfabric.rdma.inside;

import io.memfabric.agent.rdma.QueuePair;
import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.agent.rdma.VerbsLibrary;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.region.RdmaHello;
import io.memfabric.contract.region.RdmaWelcome;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/// One side of a connection without the agent's manners: it can use any address and any key.
final class VerbsPeer implements AutoCloseable {

    /// Flushed, because the connection has ended: the request was never sent.
    static final int NOT_TAKEN = QueuePair.FLUSHED;

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration SPIN = Duration.ofMillis(2);

    final QueuePair pair;
    private final ByteBuffer memory;
    private final QueuePair.Registration local;

    private VerbsPeer(QueuePair pair, int bytes) throws RdmaException {
        this.pair = pair;
        memory = ByteBuffer.allocateDirect(bytes);
        long address = MemorySegment.ofBuffer(memory).address();
        local = pair.register(address, bytes, QueuePair.Access.LOCAL);
    }

    /// Connects and says nothing.
    ///
    /// @param slots requests that can be under way
    /// @param bytes own memory to read into and write from
    static VerbsPeer connect(InetSocketAddress lender, int slots, int bytes) throws RdmaException {
        QueuePair pair = VerbsLibrary.open(Optional.empty()).connect(lender, slots, LIMIT);
        try {
            return new VerbsPeer(pair, bytes);
        } catch (RdmaException | RuntimeException e) {
            pair.close();
            throw e;
        }
    }

    /// Asks for a region and is let in.
    RdmaWelcome.Place enter(ExportName region) throws IOException {
        return switch (say(new RdmaHello(region.wire(), false).encode())) {
            case RdmaWelcome.Entered entered -> entered.places().getFirst();
            case RdmaWelcome.Refused refused ->
                    throw new IOException("refused: " + refused.detail());
        };
    }

    /// Sends a first message and takes the answer.
    RdmaWelcome say(byte[] message) throws RdmaException {
        pair.send(message, LIMIT);
        return RdmaWelcome.decode(pair.receive(LIMIT));
    }

    /// Fills the own memory.
    void fill(long word) {
        for (int at = 0; at < memory.capacity(); at += Long.BYTES) {
            memory.putLong(at, word);
        }
    }

    long word(int at) {
        return memory.getLong(at);
    }

    void postRead(int slot, long remote, int key, int bytes) throws RdmaException {
        pair.read(slot, at(slot, bytes), local.localKey(), remote, key, bytes);
    }

    void postWrite(int slot, long remote, int key, int bytes) throws RdmaException {
        pair.write(slot, at(slot, bytes), local.localKey(), remote, key, bytes);
    }

    /// Each slot has its own part of the memory where there is room for that.
    private long at(int slot, int bytes) {
        return local.address() + (long) slot * bytes % memory.capacity();
    }

    /// Takes completions, and waits for the first.
    int await() throws RdmaException {
        long end = System.nanoTime() + LIMIT.toNanos();
        int count = pair.await(SPIN, LIMIT);
        // It may wake for a completion that was taken already.
        while (count == 0) {
            if (System.nanoTime() - end > 0) {
                throw new RdmaException(RdmaException.TIMEOUT, "no completion in time");
            }
            count = pair.await(SPIN, LIMIT);
        }
        return count;
    }

    /// The status with which a read of memory at the peer completes.
    int read(long remote, int key, int bytes) throws RdmaException {
        postRead(0, remote, key, bytes);
        await();
        return pair.status(0);
    }

    int write(long remote, int key, int bytes) throws RdmaException {
        postWrite(0, remote, key, bytes);
        await();
        return pair.status(0);
    }

    @Override
    public void close() throws RdmaException {
        pair.close();
    }
}
