package io.memfabric.rdma.inside;

import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.contract.region.RdmaWelcome;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;

/// Our reads of a lender's region beside those of perftest on the same device, in turns. Prints
/// `SAMPLE name ours theirs` for each pair.
final class Bench {

    private static final int PAGE = Perftest.LATENCY.size();
    private static final int LARGE = Perftest.BANDWIDTH.size();
    private static final int SLOTS = 16;
    private static final UUID GRANT = UUID.fromString("bbbbbbbb-0000-0000-0000-000000000001");
    private static final UUID FENCED = UUID.fromString("bbbbbbbb-0000-0000-0000-000000000002");

    private final VerbsPeer peer;
    private final RdmaWelcome.Place place;

    private Bench(VerbsPeer peer, RdmaWelcome.Place place) {
        this.peer = peer;
        this.place = place;
    }

    /// @param rounds of each pair
    /// @param replays stale requests, each on a connection of its own
    /// @param isSoft whether the device is soft-RoCE, whose packets can be made by hand
    static void run(int rounds, int replays, boolean isSoft) throws Exception {
        RemoteLender lender = RemoteLender.with(1, 2);
        lender.claim(GRANT, 1, 1, 1);
        try (VerbsPeer peer = VerbsPeer.connect(lender.dataAddress(), SLOTS, SLOTS * LARGE)) {
            RdmaWelcome.Place place = peer.enter(lender.name(GRANT, 1, 1, 1));
            new Bench(peer, place).measure(rounds);
        }
        lender.claim(FENCED, 1, 2, 1);
        FenceCheck fence = new FenceCheck(lender, isSoft, replays);
        Checks.check("fence", () -> fence.run(FENCED, 2, 1));
    }

    private void measure(int rounds) throws IOException, InterruptedException {
        for (int i = 0; i < 6; i++) {
            var _ = latency();
        }
        var _ = bandwidth();
        for (int round = 0; round < rounds; round++) {
            boolean oursFirst = round % 2 == 0;
            double before = oursFirst ? latency() : 0;
            double theirs = Perftest.LATENCY.ask(Place.SERVER);
            sample("read4k", oursFirst ? before : latency(), theirs);
        }
        for (int round = 0; round < rounds; round++) {
            boolean oursFirst = round % 2 == 0;
            double before = oursFirst ? bandwidth() : 0;
            double theirs = Perftest.BANDWIDTH.ask(Place.SERVER);
            sample("read64k", oursFirst ? before : bandwidth(), theirs);
        }
    }

    private static void sample(String name, double ours, double theirs) {
        System.out.println(String.format(Locale.ROOT, "SAMPLE %s %.2f %.2f", name, ours, theirs));
    }

    /// The median microseconds of reads of a page, one after the other.
    private double latency() throws RdmaException {
        long[] nanos = new long[Perftest.LATENCY.reads()];
        for (int i = 0; i < nanos.length; i++) {
            long start = System.nanoTime();
            int status = peer.read(place.address() + (long) i * PAGE, place.key(), PAGE);
            nanos[i] = System.nanoTime() - start;
            Checks.require(status == 0, "status " + status);
        }
        Arrays.sort(nanos);
        return nanos[nanos.length / 2] / 1e3;
    }

    /// MiB a second of large reads, sixteen at a time.
    private double bandwidth() throws RdmaException {
        long start = System.nanoTime();
        int posted = 0;
        for (int slot = 0; slot < SLOTS; slot++) {
            post(slot, posted++);
        }
        int done = 0;
        while (done < Perftest.BANDWIDTH.reads()) {
            int count = peer.await();
            for (int i = 0; i < count; i++) {
                Checks.require(peer.pair.status(i) == 0, "status " + peer.pair.status(i));
                done++;
                if (posted < Perftest.BANDWIDTH.reads()) {
                    post(peer.pair.slot(i), posted++);
                }
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return (double) Perftest.BANDWIDTH.reads() * LARGE / (1 << 20) / seconds;
    }

    private void post(int slot, int number) throws RdmaException {
        peer.postRead(slot, place.address() + (long) number * LARGE, place.key(), LARGE);
    }
}
