package io.memfabric.rdma.inside;

import static io.memfabric.rdma.inside.Checks.require;

import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.Leg;
import io.memfabric.agent.rdma.QueuePair;
import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.agent.rdma.RdmaListener;
import io.memfabric.agent.rdma.VerbsLibrary;
import io.memfabric.contract.region.RdmaWelcome;
import io.memfabric.contract.region.RegionSetName;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

/// Takes a borrower's connection and is no lender of ours.
final class StrangeLender {

    private static final InetSocketAddress AT = new InetSocketAddress("10.77.0.2", 7300);
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final UUID GRANT = UUID.fromString("cccccccc-0000-0000-0000-000000000001");

    private final Bed bed;

    StrangeLender(Bed bed) {
        this.bed = bed;
    }

    String run() throws Exception {
        byte[] few =
                new RdmaWelcome.Entered(List.of(new RdmaWelcome.Place(4096, 1, 4096))).encode();
        StringBuilder seen = new StringBuilder();
        try (RdmaListener listener = VerbsLibrary.open(Optional.empty()).listen(AT)) {
            seen.append("nonsense: ")
                    .append(answered(listener, "ssh-2.0".getBytes(StandardCharsets.US_ASCII)));
            seen.append("; a region of one page: ").append(answered(listener, few));
            seen.append("; silence: ").append(answered(listener, new byte[0]));
        }
        return seen.toString();
    }

    /// What becomes of a borrower that is answered so.
    private String answered(RdmaListener listener, byte[] answer) throws InterruptedException {
        AtomicReference<String> failed = new AtomicReference<>("");
        Thread stranger =
                Thread.ofPlatform()
                        .daemon()
                        .start(
                                () -> {
                                    try {
                                        take(listener, answer);
                                    } catch (RdmaException | InterruptedException e) {
                                        failed.set(e.toString());
                                    }
                                });
        long start = System.nanoTime();
        RegionSetName regions = new RegionSetName(List.of(bed.first.name(GRANT, 1, 1, 1)));
        String address = AT.getHostString() + ":" + AT.getPort();
        try (Leg.Connected connected = bed.connect(address, regions)) {
            throw new AssertionError("let in: " + connected);
        } catch (BorrowingException e) {
            double seconds = (System.nanoTime() - start) / 1e9;
            require(seconds < LIMIT.toSeconds(), "only after " + seconds + " s");
            return String.format(Locale.ROOT, "%s after %.1f s", e.code(), seconds);
        } finally {
            stranger.join();
            require(failed.get().isEmpty(), failed.get());
        }
    }

    private static void take(RdmaListener listener, byte[] answer)
            throws RdmaException, InterruptedException {
        RdmaListener.Request request = listener.next(LIMIT).orElseThrow();
        try (QueuePair pair = request.accept(1, LIMIT)) {
            var _ = pair.receive(LIMIT);
            if (answer.length > 0) {
                pair.send(answer, LIMIT);
            }
            long end = System.nanoTime() + LIMIT.toNanos();
            while (!pair.hasEnded() && System.nanoTime() - end < 0) {
                pair.await(Duration.ZERO, Duration.ofSeconds(1));
            }
        }
    }
}
