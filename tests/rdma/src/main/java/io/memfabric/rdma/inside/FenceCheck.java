package io.memfabric.rdma.inside;

import static io.memfabric.rdma.inside.Checks.require;

import io.memfabric.agent.rdma.QueuePair;
import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.region.RdmaWelcome;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Requests of a claim that is fenced, in every way in which they can still come. None may be
/// executed: the region, which is somebody else's by then, stays zero.
///
/// A borrower writes without a pause while the fence happens. When the region is claimed again and is
/// registered for its new holder, ten thousand packets of the old connection come off the wire. Then
/// the new holder uses the old key on connections of its own, each of which ends with that.
final class FenceCheck {

    private static final int PACKETS = 10_000;
    private static final int SLOTS = 16;
    private static final int PAGE = 4096;
    private static final long MARK = 0xbad0bad0bad0bad0L;

    private static final UUID NEXT = UUID.fromString("aaaaaaaa-0000-0000-0000-000000000003");

    private final RemoteLender lender;
    private final boolean isSoft;
    private final int replays;
    private final AtomicBoolean fenced = new AtomicBoolean();
    private final AtomicInteger posted = new AtomicInteger();
    private final AtomicInteger valid = new AtomicInteger();
    private final AtomicInteger executed = new AtomicInteger();
    private int refused;

    /// @param isSoft whether the device is soft-RoCE: only to that one can packets be sent by hand
    /// @param replays connections of the later claim that use the old key
    FenceCheck(RemoteLender lender, boolean isSoft, int replays) {
        this.lender = lender;
        this.isSoft = isSoft;
        this.replays = replays;
    }

    /// Fences the claim, and claims the region for another grant in the next generation.
    String run(UUID grant, long region, long generation) throws Exception {
        ExportName name = lender.name(grant, 1, region, generation);
        try (VerbsPeer stale = VerbsPeer.connect(lender.dataAddress(), SLOTS, SLOTS * PAGE);
                Replay replay = isSoft ? new Replay(lender, name) : null) {
            RdmaWelcome.Place place = stale.enter(name);
            if (replay != null) {
                replay.executeOne(stale, place, MARK);
            }
            stale.fill(MARK);
            hammer(stale, place, () -> lender.fence(grant, 1, region, generation));
            lender.claim(NEXT, 2, region, generation + 1);
            ExportName next = lender.name(NEXT, 2, region, generation + 1);
            long arrived = replay == null ? 0 : replayed(replay, next);
            for (int i = 0; i < replays; i++) {
                useOldKey(next, place);
            }
            return figures(
                    replay == null ? 0 : PACKETS,
                    arrived,
                    Integer.parseInt(lender.ask("nonzero", NEXT, 2, region, generation + 1)));
        } finally {
            lender.fence(NEXT, 2, region, generation + 1);
        }
    }

    /// Sends packets of the old connection while the region is registered for its next holder.
    private long replayed(Replay replay, ExportName next) throws IOException {
        try (VerbsPeer holder = VerbsPeer.connect(lender.dataAddress(), 1, PAGE)) {
            RdmaWelcome.Place now = holder.enter(next);
            long arrived = replay.sendStale(PACKETS, MARK);
            require(holder.read(now.address(), now.key(), PAGE) == 0, "the holder is cut off");
            return arrived;
        }
    }

    private String figures(int packets, long arrived, int words) {
        int succeeded = executed.get();
        System.out.println("FIGURE stale_requests_sent " + (packets + replays));
        System.out.println("FIGURE stale_requests_at_device " + (arrived + refused));
        System.out.println("FIGURE stale_requests_executed " + (succeeded + words));
        require(arrived >= packets, "of " + packets + " packets " + arrived + " arrived");
        require(words == 0, words + " words of the fenced region were written");
        require(succeeded == 0, succeeded + " stale requests have succeeded");
        return "%s writes before it; after it %d packets of the old connection, %d datagrams at the"
                        .formatted(valid, packets, arrived)
                + " lender, %s requests posted on it; the old key used on %d connections, %d refused"
                        .formatted(posted, replays, refused)
                + " by the device: 0 executed";
    }

    private interface Fence {
        void run() throws IOException;
    }

    /// Writes without a pause while the lender fences, and for a while after that.
    private void hammer(VerbsPeer stale, RdmaWelcome.Place place, Fence fence) throws Exception {
        CountDownLatch begun = new CountDownLatch(20);
        AtomicBoolean enough = new AtomicBoolean();
        Thread writer =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    while (!enough.get()) {
                                        post(stale, place);
                                        begun.countDown();
                                    }
                                });
        begun.await();
        fence.run();
        fenced.set(true);
        Thread.sleep(200);
        enough.set(true);
        writer.join();
        require(valid.get() > 0, "no write succeeded before the fence");
    }

    /// Sixteen writes and their completions. What was posted before the fence was known to be over is
    /// not counted as stale.
    private void post(VerbsPeer peer, RdmaWelcome.Place place) {
        boolean stale = fenced.get();
        try {
            for (int slot = 0; slot < SLOTS; slot++) {
                peer.postWrite(slot, place.address() + (long) slot * PAGE, place.key(), PAGE);
            }
            int done = 0;
            while (done < SLOTS) {
                done += take(peer, stale);
            }
        } catch (RdmaException e) {
            // Nothing can be posted any more: tried, and not executed.
        }
        if (stale) {
            posted.addAndGet(SLOTS);
        }
    }

    /// Takes completions of our own requests, and counts those that succeeded.
    private int take(VerbsPeer peer, boolean stale) throws RdmaException {
        int count = peer.await();
        int ours = 0;
        for (int i = 0; i < count; i++) {
            if (peer.pair.slot(i) >= 0) {
                ours++;
                if (peer.pair.status(i) == 0) {
                    (stale ? executed : valid).incrementAndGet();
                }
            }
        }
        return ours;
    }

    /// Uses the old key as who holds the region now.
    private void useOldKey(ExportName next, RdmaWelcome.Place old) throws IOException {
        try (VerbsPeer peer = VerbsPeer.connect(lender.dataAddress(), 1, PAGE)) {
            peer.enter(next);
            peer.fill(MARK);
            switch (peer.write(old.address(), old.key(), PAGE)) {
                case 0 -> executed.incrementAndGet();
                case QueuePair.REMOTE_ACCESS -> refused++;
                default -> {}
            }
        }
    }
}
