package io.memfabric.agent.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What every NBD server of ours must do; run on the lender's and on the borrower's.
public abstract class ServerConformance extends HandshakeConformance {

    @Test
    void readsWhatWasWritten() throws Exception {
        byte[] data = random(1, 3 * PAGE);
        try (RawClient client = enter()) {
            assertThat(client.write(PAGE, data)).isZero();
            assertThat(client.read(PAGE, data.length).data().array()).isEqualTo(data);
        }
    }

    @Test
    void carriesOutTheLongestRequestThatItOffers() throws Exception {
        byte[] data = random(2, target().maxPayload());
        try (RawClient client = enter()) {
            assertThat(client.write(8 * PAGE, data)).isZero();
            assertThat(client.read(8 * PAGE, data.length).data().array()).isEqualTo(data);
        }
    }

    @Test
    void answersEveryPipelinedRequestUnderItsOwnCookie() throws Exception {
        int count = 500;
        Random random = new Random(3);
        try (RawClient client = enter()) {
            long[] cookies = random.longs(count).toArray();
            for (int i = 0; i < count; i++) {
                byte[] page = new byte[PAGE];
                Arrays.fill(page, (byte) i);
                client.send(
                        RawClient.request(
                                0, Nbd.CMD_WRITE, cookies[i], (long) i * PAGE, PAGE, page));
            }
            boolean[] seen = new boolean[count];
            for (int i = 0; i < count; i++) {
                RawClient.Reply reply = client.reply(0);
                assertThat(reply.error()).isZero();
                seen[indexOf(cookies, reply.cookie())] = true;
            }
            assertThat(seen).containsOnly(true);
            for (int i = 0; i < count; i++) {
                assertThat(client.read((long) i * PAGE, PAGE).data().get(7)).isEqualTo((byte) i);
            }
        }
    }

    @Test
    void answersRequestsThatShareACookie() throws Exception {
        try (RawClient client = enter()) {
            for (int i = 0; i < 10; i++) {
                client.send(RawClient.request(0, Nbd.CMD_READ, 7, 0, PAGE, new byte[0]));
            }
            for (int i = 0; i < 10; i++) {
                assertThat(client.reply(PAGE).cookie()).isEqualTo(7);
            }
        }
    }

    @Test
    void trimmedAndZeroedPagesReadAsZeros() throws Exception {
        try (RawClient client = enter()) {
            for (int command : new int[] {Nbd.CMD_TRIM, Nbd.CMD_WRITE_ZEROES}) {
                client.write(0, random(4, 4 * PAGE));
                assertThat(client.command(command, PAGE, 2 * PAGE)).isZero();
                byte[] after = client.read(0, 4 * PAGE).data().array();
                assertThat(Arrays.copyOfRange(after, PAGE, 3 * PAGE)).containsOnly(0);
                assertThat(after[0]).isEqualTo(random(4, 4 * PAGE)[0]);
                assertThat(after[3 * PAGE]).isEqualTo(random(4, 4 * PAGE)[3 * PAGE]);
            }
        }
    }

    @Test
    void zeroesTheWholeDeviceInOneRequest() throws Exception {
        try (RawClient client = enter()) {
            client.write(target().size() - PAGE, random(5, PAGE));
            assertThat(client.command(Nbd.CMD_WRITE_ZEROES, 0, (int) target().size())).isZero();
            assertThat(client.read(target().size() - PAGE, PAGE).data().array()).containsOnly(0);
        }
    }

    @Test
    void flushesAndForcesWrites() throws Exception {
        try (RawClient client = enter()) {
            assertThat(client.command(Nbd.CMD_FLUSH, 0, 0)).isZero();
            client.send(
                    RawClient.request(Nbd.FLAG_FUA, Nbd.CMD_WRITE, 1, 0, PAGE, random(6, PAGE)));
            assertThat(client.reply(0).error()).isZero();
        }
    }

    @Test
    void refusesWhatIsPastTheEnd() throws Exception {
        long size = target().size();
        try (RawClient client = enter()) {
            assertThat(client.write(size, new byte[PAGE])).isEqualTo(Nbd.ENOSPC);
            assertThat(client.write(size - PAGE, new byte[2 * PAGE])).isEqualTo(Nbd.ENOSPC);
            assertThat(client.write(-PAGE, new byte[2 * PAGE])).isEqualTo(Nbd.ENOSPC);
            assertThat(client.read(size - PAGE, 2 * PAGE).error()).isEqualTo(Nbd.EINVAL);
            assertThat(client.read(Long.MAX_VALUE - PAGE + 1, PAGE).error()).isEqualTo(Nbd.EINVAL);
            assertThat(client.read(-1, PAGE).error()).isEqualTo(Nbd.EINVAL);
            assertThat(client.command(Nbd.CMD_TRIM, size, PAGE)).isEqualTo(Nbd.EINVAL);
            assertThat(client.command(Nbd.CMD_WRITE_ZEROES, size, PAGE)).isEqualTo(Nbd.ENOSPC);
            assertThat(client.read(0, PAGE).error()).isZero();
        }
    }

    @Test
    void refusesCommandsAndFlagsThatItDoesNotOffer() throws Exception {
        try (RawClient client = enter()) {
            assertThat(client.command(5, 0, PAGE)).isEqualTo(Nbd.EINVAL);
            assertThat(client.command(7, 0, PAGE)).isEqualTo(Nbd.EINVAL);
            assertThat(client.command(999, 0, -1)).isEqualTo(Nbd.EINVAL);
            for (int flag : new int[] {1 << 2, 1 << 3, 1 << 4, 1 << 15}) {
                client.send(RawClient.request(flag, Nbd.CMD_READ, 1, 0, PAGE, new byte[0]));
                assertThat(client.reply(PAGE).error()).isEqualTo(Nbd.EINVAL);
            }
            client.send(RawClient.request(2, Nbd.CMD_WRITE, 1, 0, PAGE, new byte[PAGE]));
            assertThat(client.reply(0).error()).isEqualTo(Nbd.EINVAL);
            assertThat(client.read(0, PAGE).error()).isZero();
        }
    }

    @Test
    void emptyRequestsDoNothing() throws Exception {
        try (RawClient client = enter()) {
            assertThat(client.read(0, 0).error()).isZero();
            assertThat(client.write(0, new byte[0])).isZero();
            assertThat(client.read(0, PAGE).error()).isZero();
        }
    }

    @Test
    void readsThroughARefusedWriteOfTheLongestTolerableLength() throws Exception {
        try (RawClient client = enter()) {
            assertThat(client.write(target().size(), new byte[Nbd.MAX_PAYLOAD]))
                    .isEqualTo(Nbd.ENOSPC);
            assertThat(client.read(0, PAGE).error()).isZero();
        }
    }

    @Test
    void hangsUpOnAnAbsurdlyLongWrite() throws Exception {
        try (RawClient client = enter()) {
            client.send(
                    RawClient.request(0, Nbd.CMD_WRITE, 1, 0, Nbd.MAX_PAYLOAD + 1, new byte[0]));
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void hangsUpOnWhatIsNotARequest() throws Exception {
        try (RawClient client = enter()) {
            client.send(ByteBuffer.allocate(28));
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void hangsUpWithoutAWordWhenTheClientSaysGoodbye() throws Exception {
        try (RawClient client = enter()) {
            client.send(RawClient.request(0, Nbd.CMD_DISC, 1, 0, 0, new byte[0]));
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    /// A client that dies at any byte of handshake, request and payload: the page is as it was, and
    /// the next client is served. Nothing of a page may change before all of it has arrived.
    @Test
    void aStreamCutAtAnyByteLeavesTheAcknowledgedPage() throws Exception {
        byte[] acknowledged = random(8, PAGE);
        try (RawClient client = enter()) {
            client.write(0, acknowledged);
        }
        byte[] other = random(9, PAGE);
        ByteBuffer stream =
                ByteBuffer.allocate(20_000)
                        .putInt(3)
                        .put(RawClient.goOption(Nbd.OPT_GO, target().export()))
                        .put(RawClient.request(0, Nbd.CMD_WRITE, 5, 0, PAGE, other))
                        .flip();
        for (int cut = 0; cut < stream.limit(); cut++) {
            try (RawClient client = new RawClient(target().address())) {
                client.receive(18);
                client.send(stream.slice(0, cut));
            }
        }
        try (RawClient client = enter()) {
            assertThat(client.read(0, PAGE).data().array()).isEqualTo(acknowledged);
        }
    }

    /// What arrived of a long write before its client died is data, even where it looks like a request.
    @Test
    void theTailOfACutWriteIsNoRequest() throws Exception {
        byte[] acknowledged = random(10, PAGE);
        try (RawClient client = enter()) {
            client.write(0, acknowledged);
        }
        ByteBuffer hidden = RawClient.request(0, Nbd.CMD_WRITE_ZEROES, 1, 0, PAGE, new byte[0]);
        ByteBuffer stream =
                ByteBuffer.allocate(3 * PAGE)
                        .put(RawClient.request(0, Nbd.CMD_WRITE, 5, 0, 256 * PAGE, new byte[0]))
                        .put(new byte[PAGE])
                        .put(hidden)
                        .flip();
        // Past the end, so that what did arrive is not written either.
        stream.putLong(16, target().size());
        try (RawClient client = enter()) {
            client.send(stream);
        }
        try (RawClient client = enter()) {
            assertThat(client.read(0, PAGE).data().array()).isEqualTo(acknowledged);
        }
    }

    /// No unbounded queue: a client that never reads only stops itself.
    @Test
    void aClientThatDoesNotReadIsHeldBack() throws Exception {
        try (RawClient greedy = enter()) {
            Thread sender = Thread.ofVirtual().start(() -> sendReads(greedy, 10_000));
            for (int i = 0; i < 10_000; i++) {
                assertThat(greedy.reply(16 * PAGE).error()).isZero();
            }
            sender.join();
        }
    }

    private static void sendReads(RawClient client, int count) {
        try {
            for (int i = 0; i < count; i++) {
                client.send(RawClient.request(0, Nbd.CMD_READ, i, 0, 16 * PAGE, new byte[0]));
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int indexOf(long[] cookies, long cookie) {
        for (int i = 0; i < cookies.length; i++) {
            if (cookies[i] == cookie) {
                return i;
            }
        }
        throw new AssertionError("a reply to no request");
    }

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
