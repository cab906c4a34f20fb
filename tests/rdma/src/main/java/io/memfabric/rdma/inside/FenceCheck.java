package io.memfabric.rdma.inside;

import static io.memfabric.rdma.inside.Checks.require;

import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.region.RdmaWelcome;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Ten thousand requests of a claim that is fenced, some of them with the old key on connections that
/// are let in for a later claim of the same memory. None may be executed: the region stays zero.
final class FenceCheck {

    private static final int STALE = 10_000;
    private static final int SLOTS = 16;
    private static final int PAGE = 4096;
    private static final long MARK = 0xbad0bad0bad0bad0L;

    /// Connections of the later claim; each ends with its first stale request.
    private static final int LATER = 40;

    private static final UUID NEXT = UUID.fromString("aaaaaaaa-0000-0000-0000-000000000003");

    private final RemoteLender lender;
    private final AtomicBoolean fenced = new AtomicBoolean();
    private final AtomicInteger after = new AtomicInteger();
    private final AtomicInteger valid = new AtomicInteger();
    private final AtomicInteger executed = new AtomicInteger();

    FenceCheck(RemoteLender lender) {
        this.lender = lender;
    }

    /// Fences the claim, and claims the region for another grant in the next generation.
    String run(UUID grant, long region, long generation) throws Exception {
        ExportName name = lender.name(grant, 1, region, generation);
        try (VerbsPeer stale = VerbsPeer.connect(lender.dataAddress(), SLOTS, SLOTS * PAGE)) {
            RdmaWelcome.Place place = stale.enter(name);
            stale.fill(MARK);
            hammer(stale, place, () -> lender.fence(grant, 1, region, generation));
            lender.claim(NEXT, 2, region, generation + 1);
            ExportName next = lender.name(NEXT, 2, region, generation + 1);
            for (int i = 0; i < LATER; i++) {
                replay(next, place);
            }
            while (after.get() < STALE) {
                post(stale, place);
            }
            int words = Integer.parseInt(lender.ask("nonzero", NEXT, 2, region, generation + 1));
            int count = executed.get();
            System.out.println("FIGURE stale_requests_executed " + (count + words));
            require(words == 0, words + " words of the fenced region were written");
            require(count == 0, count + " stale requests have succeeded");
            return valid
                    + " writes executed before, "
                    + after
                    + " tried after the fence, "
                    + LATER
                    + " of them with the old key on later connections: 0 executed";
        } finally {
            lender.fence(NEXT, 2, region, generation + 1);
        }
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
            after.addAndGet(SLOTS);
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
    private void replay(ExportName next, RdmaWelcome.Place old) throws IOException {
        try (VerbsPeer peer = VerbsPeer.connect(lender.dataAddress(), SLOTS, SLOTS * PAGE)) {
            peer.enter(next);
            peer.fill(MARK);
            int status = peer.write(old.address(), old.key(), PAGE);
            after.incrementAndGet();
            executed.addAndGet(status == 0 ? 1 : 0);
        }
    }
}
