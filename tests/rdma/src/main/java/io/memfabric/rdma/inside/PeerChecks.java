package io.memfabric.rdma.inside;

import static io.memfabric.rdma.inside.Checks.check;
import static io.memfabric.rdma.inside.Checks.require;

import io.memfabric.agent.rdma.QueuePair;
import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.region.RdmaWelcome;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;

/// What a peer that keeps to no rule can do to a lender: nothing.
final class PeerChecks {

    private static final int PAGE = 4096;
    private static final int REGION = 64 << 20;
    private static final UUID ONE = UUID.fromString("aaaaaaaa-0000-0000-0000-000000000001");
    private static final UUID OTHER = UUID.fromString("aaaaaaaa-0000-0000-0000-000000000002");

    private final RemoteLender lender;

    PeerChecks(RemoteLender lender) {
        this.lender = lender;
    }

    /// Uses regions 3 and 4 of the lender and leaves them free.
    void run() throws IOException {
        VerbsCount before = VerbsCount.parse(lender.order("verbs"));
        lender.claim(ONE, 1, 3, 1);
        lender.claim(OTHER, 1, 4, 1);
        check("registered", () -> registered(before));
        check("wrong-key", this::wrongKey);
        check("outside", this::outside);
        check("foreign-key", this::foreignKey);
        check("malformed", this::malformed);
        check("silent", this::silent);
        check("nobody", this::nobody);
        check("fence", () -> new FenceCheck(lender, true, 20).run(ONE, 3, 1));
        lender.fence(OTHER, 1, 4, 1);
        check("released", () -> released(before));
    }

    private VerbsPeer connect() throws RdmaException {
        return VerbsPeer.connect(lender.dataAddress(), 1, PAGE);
    }

    private ExportName one() {
        return lender.name(ONE, 1, 3, 1);
    }

    private String registered(VerbsCount before) throws IOException {
        try (VerbsPeer peer = connect()) {
            RdmaWelcome.Place place = peer.enter(one());
            require(place.length() == REGION, "the region has " + place.length() + " bytes");
            VerbsCount now = VerbsCount.parse(lender.order("verbs"));
            require(
                    now.registrations() == before.registrations() + 2
                            && now.domains() == before.domains() + 1,
                    before + " before, " + now + " with one connection");
            peer.fill(0x1122334455667788L);
            int written = peer.write(place.address(), place.key(), PAGE);
            peer.fill(0);
            int read = peer.read(place.address(), place.key(), PAGE);
            require(written == 0 && read == 0, "status " + written + " and " + read);
            require(peer.word(PAGE - 8) == 0x1122334455667788L, "another page came back");
            return "one region and one message memory in a domain of their own: " + now;
        }
    }

    private String wrongKey() throws IOException {
        try (VerbsPeer peer = connect()) {
            RdmaWelcome.Place place = peer.enter(one());
            int status = peer.read(place.address(), place.key() ^ 0x100, PAGE);
            require(status == QueuePair.REMOTE_ACCESS, "status " + status);
            int next = peer.read(place.address(), place.key(), PAGE);
            require(next == VerbsPeer.NOT_TAKEN, "and then status " + next);
        }
        return served("status 10, the connection is over, the next one is served");
    }

    private String outside() throws IOException {
        for (long offset : new long[] {-PAGE, REGION - PAGE + 8L, REGION}) {
            try (VerbsPeer peer = connect()) {
                RdmaWelcome.Place place = peer.enter(one());
                int status = peer.write(place.address() + offset, place.key(), PAGE);
                require(status == QueuePair.REMOTE_ACCESS, "at " + offset + " status " + status);
            }
        }
        return served("writes before, across the end of and behind a region have status 10");
    }

    /// A key is good on its own connection alone, even for who may be there on another.
    private String foreignKey() throws IOException {
        try (VerbsPeer mine = connect();
                VerbsPeer yours = connect()) {
            RdmaWelcome.Place place = mine.enter(one());
            yours.enter(lender.name(OTHER, 1, 4, 1));
            int status = yours.write(place.address(), place.key(), PAGE);
            require(status == QueuePair.REMOTE_ACCESS, "status " + status);
            require(mine.read(place.address(), place.key(), PAGE) == 0, "the owner is cut off");
        }
        return "a valid key on another connection has status 10";
    }

    private String malformed() throws IOException {
        byte[][] messages = {
            {1},
            "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
            new byte[QueuePair.MESSAGE],
            {'M', 'F', 'R', '1', 0, 0, 0, 0, 0, 9, 'x'},
            {'M', 'F', 'R', '1', 0, 0, 0, 0, 0, 1, 'x'},
        };
        for (byte[] message : messages) {
            try (VerbsPeer peer = connect()) {
                RdmaWelcome answer = peer.say(message);
                require(
                        answer instanceof RdmaWelcome.Refused refused
                                && refused.reason() == RdmaWelcome.Reason.MALFORMED,
                        "answered " + answer);
            }
        }
        return served(messages.length + " first messages are refused as malformed");
    }

    private String silent() throws IOException {
        long start = System.nanoTime();
        try (VerbsPeer peer = connect()) {
            while (!peer.pair.hasEnded()) {
                peer.pair.await(Duration.ZERO, Duration.ofSeconds(1));
                require(System.nanoTime() - start < 30_000_000_000L, "the lender waits for ever");
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return served(
                String.format(
                        Locale.ROOT,
                        "who says nothing is cut off after %.1f s, the next one is served",
                        seconds));
    }

    private String nobody() throws IOException {
        long start = System.nanoTime();
        try (VerbsPeer _ = VerbsPeer.connect(new InetSocketAddress(Place.SERVER, 9), 1, PAGE)) {
            throw new AssertionError("connected to nobody");
        } catch (RdmaException e) {
            require(
                    e.code().equals(RdmaException.REFUSED) || e.code().equals(RdmaException.FAILED),
                    e.code());
            return String.format(
                    Locale.ROOT,
                    "%s after %.1f s: %s",
                    e.code(),
                    (System.nanoTime() - start) / 1e9,
                    e.getMessage());
        }
    }

    private String served(String what) throws IOException {
        try (VerbsPeer next = connect()) {
            RdmaWelcome.Place place = next.enter(one());
            require(next.read(place.address(), place.key(), PAGE) == 0, "the next one is not");
        }
        return what;
    }

    private String released(VerbsCount before) throws IOException {
        return Bed.settled(before, () -> VerbsCount.parse(lender.order("verbs")));
    }
}
