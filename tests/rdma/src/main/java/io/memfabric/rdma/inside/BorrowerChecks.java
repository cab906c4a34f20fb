package io.memfabric.rdma.inside;

import static io.memfabric.rdma.inside.Checks.check;
import static io.memfabric.rdma.inside.Checks.require;

import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.Leg;
import io.memfabric.contract.agent.LegReport;
import io.memfabric.contract.region.ExportName;
import java.io.IOException;
import java.util.Locale;
import java.util.UUID;

/// The borrower's process: uses what the other VM lends in the agent's own ways, and looks at what
/// became of it.
final class BorrowerChecks {

    private static final int MIB = 1 << 20;
    private static final UUID OTHER = UUID.fromString("99999999-8888-7777-6666-555555555555");

    private final Bed bed;
    private final VerbsCount here;
    private final VerbsCount there;

    private BorrowerChecks(Bed bed) throws IOException {
        this.bed = bed;
        this.here = VerbsCount.now();
        this.there = VerbsCount.parse(bed.first.order("verbs"));
    }

    static void run(String transport) throws Exception {
        Bed bed = new Bed(Ways.named(transport));
        if (bed.ways.isVerbs()) {
            HostChecks.run();
            new PeerChecks(bed.first).run();
        }
        new BorrowerChecks(bed).run();
    }

    private void run() throws Exception {
        long start = System.nanoTime();
        try (StampedDisk disk = bed.openDisk()) {
            double millis = (System.nanoTime() - start) / 1e6;
            check("connected", () -> String.format(Locale.ROOT, "two legs in %.0f ms", millis));
            check("pages", () -> pages(disk));
            check("copies", this::copies);
            check("stale-epoch", this::staleEpoch);
            if (bed.ways.isVerbs()) {
                check("mtu", this::mtu);
            }
            check("fenced", this::fenced);
            if (bed.ways.isVerbs()) {
                check("not-ours", () -> new StrangeLender(bed).run());
            }
            check("link", () -> link(disk));
            check("lender-killed", () -> lenderKilled(disk));
        }
        check("closed", this::closed);
    }

    private static String pages(StampedDisk disk) throws IOException {
        long start = System.nanoTime();
        disk.writeAll();
        long written = System.nanoTime();
        disk.readAll();
        long read = System.nanoTime();
        double size = (double) disk.pages() * StampedDisk.PAGE / MIB;
        return String.format(
                Locale.ROOT,
                "%.0f MiB written at %.1f and read at %.1f MiB/s, 0 wrong pages",
                size,
                size * 1e9 / (written - start),
                size * 1e9 / (read - written));
    }

    private String copies() throws IOException {
        String one = bed.askFirst("sum");
        require(one.equals(bed.askSecond("sum")), "the copies differ");
        int words = Integer.parseInt(bed.askFirst("nonzero"));
        require(words > 8 * MIB - 1024, "the lender has " + words + " words that are not zero");
        return "both lenders hold the same, CRC " + one;
    }

    private String staleEpoch() throws Exception {
        bed.first.claim(OTHER, 5, 2, 1);
        ExportName valid = bed.first.name(OTHER, 5, 2, 1);
        bed.connect(bed.first, valid).close();
        String old = bed.refusal(bed.first, bed.first.name(OTHER, 4, 2, 1));
        require(old.equals(Leg.REFUSED), "epoch 4: " + old);
        String generation = bed.refusal(bed.first, bed.first.name(OTHER, 5, 2, 0));
        require(generation.equals(Leg.REFUSED), "generation 0: " + generation);
        ExportName guess = new ExportName(valid.bootId(), 2, 1, OTHER, 5, "0".repeat(32));
        String capability = bed.refusal(bed.first, guess);
        require(capability.equals(Leg.REFUSED), "another capability: " + capability);
        return "an old epoch, an old generation and a guessed capability are refused";
    }

    /// Packets of this side's size are too large for the other's.
    private String mtu() throws Exception {
        ExportName valid = bed.first.name(OTHER, 5, 2, 1);
        ip("link", "set", "eth0", "mtu", "9000");
        String larger;
        try (Leg.Connected connected = bed.connect(bed.first, valid)) {
            larger = "pages come through all the same, " + connected.getClass().getSimpleName();
        } catch (BorrowingException e) {
            require(e.code().equals(Leg.UNREACHABLE), e.code() + ": " + e.getMessage());
            larger = e.code() + ": " + e.getMessage();
        } finally {
            ip("link", "set", "eth0", "mtu", "1500");
        }
        bed.connect(bed.first, valid).close();
        return larger + "; with the same MTU it connects";
    }

    private String fenced() throws Exception {
        ExportName valid = bed.first.name(OTHER, 5, 2, 1);
        try (Leg.Connected before = bed.connect(bed.first, valid)) {
            bed.first.fence(OTHER, 5, 2, 1);
            String after = bed.refusal(bed.first, valid);
            require(after.equals(Leg.REFUSED), "after the fence: " + after + " " + before);
        }
        bed.first.claim(OTHER, 6, 2, 2);
        String again = bed.refusal(bed.first, valid);
        require(again.equals(Leg.REFUSED), "after the next claim: " + again);
        require(bed.first.ask("nonzero", OTHER, 6, 2, 2).equals("0"), "the region is not zero");
        bed.first.fence(OTHER, 6, 2, 2);
        return "the region is zero, its old name is refused";
    }

    private String link(StampedDisk disk) throws Exception {
        disk.round();
        ip("link", "set", "eth0", "down");
        Thread up = Thread.ofPlatform().start(BorrowerChecks::upAgain);
        long start = System.nanoTime();
        disk.round();
        double waited = (System.nanoTime() - start) / 1e9;
        up.join();
        Bed.await("both copies", () -> bed.notWhole().isEmpty());
        disk.readAll();
        require(bed.askFirst("sum").equals(bed.askSecond("sum")), "the copies differ");
        return String.format(
                Locale.ROOT, "a request waited %.1f s, both copies whole, 0 wrong pages", waited);
    }

    private static void upAgain() {
        try {
            Thread.sleep(3_000);
            ip("link", "set", "eth0", "up");
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("eth0 stays down", e);
        }
    }

    static void ip(String... words) throws IOException, InterruptedException {
        String[] command = new String[words.length + 1];
        command[0] = "ip";
        System.arraycopy(words, 0, command, 1, words.length);
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + status);
        }
    }

    private String lenderKilled(StampedDisk disk) throws Exception {
        String said = bed.first.order("die");
        require(said.isEmpty(), "the lender lives: " + said);
        long start = System.nanoTime();
        disk.round();
        double waited = (System.nanoTime() - start) / 1e9;
        disk.readAll();
        LegReport.Reach reach = bed.notWhole().getFirst().reach();
        require(reach == LegReport.Reach.BROKEN, "the leg is " + reach);
        return String.format(
                Locale.ROOT, "requests waited %.1f s, then the other copy served all", waited);
    }

    private String closed() throws IOException {
        bed.borrowing.close(Bed.GRANT);
        String left = Bed.settled(here, VerbsCount::now);
        bed.fenceSecond();
        // One of the lenders is gone, so there is less than before, but for what must not be at
        // all.
        VerbsCount after = VerbsCount.parse(bed.second.order("verbs"));
        require(
                after.registrations() == 0 && after.queuePairs() <= there.queuePairs(),
                "the lender: " + there + " before, " + after + " after");
        return "borrower " + left + "; lender " + after + " after " + there;
    }
}
