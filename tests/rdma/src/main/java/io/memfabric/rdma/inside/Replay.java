package io.memfabric.rdma.inside;

import static io.memfabric.rdma.inside.Checks.require;

import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.region.RdmaWelcome;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Requests of a claim that come off the wire when it is fenced. They need nothing of the borrower, so
/// every one of them gets to the lender's device. Before the fence that device carries them out: that
/// is shown first, with one.
final class Replay implements AutoCloseable {

    private static final long PAGE_HUNDRED = 100L * 4096;
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(30);

    private final RemoteLender lender;
    private final VerbsPeer peer;
    private final RawWrites wire;
    private final RawWrites.Target target;
    private int next;

    /// Makes a connection that the lender lets in, and learns from both hosts how its packets look.
    Replay(RemoteLender lender, ExportName name) throws IOException {
        this.lender = lender;
        QueuePairs before = QueuePairs.parse(QueuePairs.shown());
        peer = VerbsPeer.connect(lender.dataAddress(), 1, 4096);
        RdmaWelcome.Place place = peer.enter(name);
        int receiver = QueuePairs.parse(QueuePairs.shown()).newSince(before).peer();
        next = QueuePairs.parse(lender.order("queue-pairs")).numbered(receiver).next();
        target = new RawWrites.Target(receiver, place.address() + PAGE_HUNDRED, place.key());
        wire = new RawWrites(Place.HERE, Place.SERVER);
    }

    /// Sends one while the claim holds, and sees it in the region.
    ///
    /// @param witness a connection of the same claim that is used as it should be
    void executeOne(VerbsPeer witness, RdmaWelcome.Place there, long word) throws IOException {
        wire.send(target, next++, word);
        long end = System.nanoTime() + LIMIT;
        do {
            int status = witness.read(there.address() + PAGE_HUNDRED, there.key(), RawWrites.BYTES);
            require(status == 0, "status " + status);
            if (witness.word(0) == word && witness.word(RawWrites.BYTES - Long.BYTES) == word) {
                return;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        } while (System.nanoTime() - end < 0);
        throw new AssertionError("a packet made by hand is not carried out before the fence");
    }

    /// Sends so many, and waits until the lender's host has them.
    ///
    /// @return how many datagrams its kernel handed to the device's driver meanwhile
    long sendStale(int count, long word) throws IOException {
        long before = datagrams();
        for (int i = 0; i < count; i++) {
            wire.send(target, next++, word);
        }
        long end = System.nanoTime() + LIMIT;
        long arrived = datagrams() - before;
        while (arrived < count && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            arrived = datagrams() - before;
        }
        return arrived;
    }

    private long datagrams() throws IOException {
        return Long.parseLong(lender.order("datagrams"));
    }

    @Override
    public void close() throws IOException {
        wire.close();
        peer.close();
    }
}
