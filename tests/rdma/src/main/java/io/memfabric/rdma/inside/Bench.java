package io.memfabric.rdma.inside;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.contract.region.RdmaWelcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/// Our reads of a lender's region beside those of perftest on the same device, in turns. Prints
/// `SAMPLE name ours theirs` for each pair.
final class Bench {

    private static final int PAGE = 4096;
    private static final int LARGE = 64 << 10;
    private static final int SLOTS = 16;
    private static final int ROUNDS = 9;
    private static final int LATENCY_READS = 500;
    private static final int BANDWIDTH_READS = 400;
    private static final UUID GRANT = UUID.fromString("bbbbbbbb-0000-0000-0000-000000000001");
    private static final UUID FENCED = UUID.fromString("bbbbbbbb-0000-0000-0000-000000000002");

    private final String server;
    private final VerbsPeer peer;
    private final RdmaWelcome.Place place;

    private Bench(String server, VerbsPeer peer, RdmaWelcome.Place place) {
        this.server = server;
        this.peer = peer;
        this.place = place;
    }

    static void run(String server) throws Exception {
        RemoteLender lender = RemoteLender.with(1, 2);
        lender.claim(GRANT, 1, 1, 1);
        try (VerbsPeer peer = VerbsPeer.connect(lender.dataAddress(), SLOTS, SLOTS * LARGE)) {
            RdmaWelcome.Place place = peer.enter(lender.name(GRANT, 1, 1, 1));
            new Bench(server, peer, place).measure();
        }
        lender.claim(FENCED, 1, 2, 1);
        Checks.check("fence", () -> new FenceCheck(lender).run(FENCED, 2, 1));
    }

    private void measure() throws IOException, InterruptedException {
        for (int i = 0; i < 6; i++) {
            var _ = latency();
        }
        var _ = bandwidth();
        for (int round = 0; round < ROUNDS; round++) {
            boolean oursFirst = round % 2 == 0;
            double before = oursFirst ? latency() : 0;
            double theirs = perftest("ib_read_lat", PAGE, LATENCY_READS, 4, 18515);
            sample("read4k", oursFirst ? before : latency(), theirs);
        }
        for (int round = 0; round < ROUNDS; round++) {
            boolean oursFirst = round % 2 == 0;
            double before = oursFirst ? bandwidth() : 0;
            double theirs = perftest("ib_read_bw", LARGE, BANDWIDTH_READS, 3, 18516);
            sample("read64k", oursFirst ? before : bandwidth(), theirs);
        }
    }

    private static void sample(String name, double ours, double theirs) {
        System.out.println(String.format(Locale.ROOT, "SAMPLE %s %.2f %.2f", name, ours, theirs));
    }

    /// The median microseconds of reads of a page, one after the other.
    private double latency() throws RdmaException {
        long[] nanos = new long[LATENCY_READS];
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
        while (done < BANDWIDTH_READS) {
            int count = peer.await();
            for (int i = 0; i < count; i++) {
                Checks.require(peer.pair.status(i) == 0, "status " + peer.pair.status(i));
                done++;
                if (posted < BANDWIDTH_READS) {
                    post(peer.pair.slot(i), posted++);
                }
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return (double) BANDWIDTH_READS * LARGE / (1 << 20) / seconds;
    }

    private void post(int slot, int number) throws RdmaException {
        peer.postRead(slot, place.address() + (long) number * LARGE, place.key(), LARGE);
    }

    /// One of the columns of the line that begins with the size.
    private double perftest(String tool, int size, int reads, int column, int port)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(tool, "-F", "-x", "1"));
        command.addAll(List.of("-s", String.valueOf(size), "-n", String.valueOf(reads)));
        command.addAll(List.of("-p", String.valueOf(port), server));
        IOException failure = new IOException(tool + " has not run");
        // Its server ends with each client and is started again.
        for (int tries = 0; tries < 50; tries++) {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), US_ASCII);
            if (process.waitFor() == 0) {
                return figure(tool, said, size, column);
            }
            failure = new IOException(tool + ": " + said.strip());
            Thread.sleep(200);
        }
        throw failure;
    }

    static double figure(String tool, String said, int size, int column) throws IOException {
        for (String line : said.lines().toList()) {
            String[] words = line.strip().split("\\s+", -1);
            if (words.length > column && words[0].equals(String.valueOf(size))) {
                return Double.parseDouble(words[column]);
            }
        }
        throw new IOException(tool + " printed no figure: " + said.strip());
    }
}
