package io.memfabric.agent.nbd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/// What every NBD server of ours must do before it lets a client in, and to those that it does not.
abstract class HandshakeConformance {

    protected static final int PAGE = 4096;

    /// The server under test.
    public record Target(SocketAddress address, String export, long size, int maxPayload) {}

    protected abstract Target target();

    final RawClient enter() throws IOException {
        return RawClient.entered(target().address(), target().export());
    }

    private RawClient greeted() throws IOException {
        RawClient client = new RawClient(target().address());
        client.greet();
        return client;
    }

    @Test
    void letsClientsInByTheOldestOptionToo() throws Exception {
        for (boolean zeroes : new boolean[] {false, true}) {
            try (RawClient client = new RawClient(target().address())) {
                client.receive(18);
                client.send(ByteBuffer.allocate(4).putInt(zeroes ? 1 : 3).flip());
                client.send(
                        RawClient.option(Nbd.OPT_EXPORT_NAME, target().export().getBytes(UTF_8)));
                ByteBuffer answer = client.receive(zeroes ? 134 : 10);
                assertThat(answer.getLong()).isEqualTo(target().size());
                assertThat(client.read(0, PAGE).error()).isZero();
            }
        }
    }

    @Test
    void informsWithoutEntering() throws Exception {
        try (RawClient client = greeted()) {
            client.send(RawClient.goOption(Nbd.OPT_INFO, target().export()));
            assertThat(client.optionReply()).isEqualTo(Nbd.REP_INFO);
            assertThat(client.optionReply()).isEqualTo(Nbd.REP_INFO);
            assertThat(client.optionReply()).isEqualTo(Nbd.REP_ACK);
            client.send(RawClient.goOption(Nbd.OPT_INFO, "no such export"));
            assertThat(client.optionReply()).isEqualTo(Nbd.REP_ERR_UNKNOWN);
        }
    }

    @Test
    void listsNothing() throws Exception {
        try (RawClient client = greeted()) {
            client.send(RawClient.option(Nbd.OPT_LIST, new byte[0]));
            assertThat(client.optionReply()).isEqualTo(Nbd.REP_ACK);
            client.send(RawClient.option(Nbd.OPT_LIST, new byte[1]));
            assertThat(client.optionReply()).isEqualTo(Nbd.REP_ERR_INVALID);
        }
    }

    @Test
    void refusesOptionsThatItDoesNotKnowAndGoesOn() throws Exception {
        try (RawClient client = greeted()) {
            for (int option : new int[] {5, 8, 9, 10, 0, -1, 4711}) {
                client.send(RawClient.option(option, new byte[10]));
                assertThat(client.optionReply()).isEqualTo(Nbd.REP_ERR_UNSUP);
            }
            client.send(RawClient.option(Nbd.OPT_ABORT, new byte[0]));
            assertThat(client.optionReply()).isEqualTo(Nbd.REP_ACK);
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void refusesMalformedGoOptions() throws Exception {
        byte[][] malformed = {
            {},
            {0, 0, 0, 0, 0},
            {0, 0, 0, 9, 'x', 0, 0},
            {-1, -1, -1, -1, 0, 0},
            {0, 0, 0, 1, 'x', -1, -1},
            {0, 0, 0, 1, 'x', 0, 2, 0, 3},
            {0, 0, 0, 1, 'x', 0, 0, 0},
        };
        try (RawClient client = greeted()) {
            for (byte[] data : malformed) {
                client.send(RawClient.option(Nbd.OPT_GO, data));
                assertThat(client.optionReply()).isEqualTo(Nbd.REP_ERR_INVALID);
            }
        }
    }

    @Test
    void refusesLongAndUnreadableNames() throws Exception {
        try (RawClient client = greeted()) {
            client.send(RawClient.goOption(Nbd.OPT_GO, "x".repeat(3000)));
            assertThat(client.optionReply()).isEqualTo(Nbd.REP_ERR_UNKNOWN);
            client.send(RawClient.goOption(Nbd.OPT_GO, "x".repeat(4096)));
            assertThat(client.optionReply()).isEqualTo(Nbd.REP_ERR_UNKNOWN);
            client.send(RawClient.goOption(Nbd.OPT_GO, "x".repeat(4097)));
            assertThat(client.optionReply()).isEqualTo(Nbd.REP_ERR_INVALID);
            client.send(RawClient.option(Nbd.OPT_GO, new byte[] {0, 0, 0, 1, -1, 0, 0}));
            assertThat(client.optionReply()).isEqualTo(Nbd.REP_ERR_UNKNOWN);
        }
        try (RawClient client = greeted()) {
            client.send(RawClient.option(Nbd.OPT_EXPORT_NAME, new byte[5000]));
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void hangsUpOnOptionsThatAreTooLongOrTooMany() throws Exception {
        try (RawClient client = greeted()) {
            client.send(
                    ByteBuffer.allocate(16)
                            .putLong(Nbd.OPTION_MAGIC)
                            .putInt(Nbd.OPT_GO)
                            .putInt(-1)
                            .flip());
            assertThat(client.isClosedByPeer()).isTrue();
        }
        try (RawClient client = greeted()) {
            for (int i = 0; i < 32; i++) {
                client.send(RawClient.option(Nbd.OPT_LIST, new byte[0]));
                assertThat(client.optionReply()).isEqualTo(Nbd.REP_ACK);
            }
            assertThat(client.isClosedByPeer()).isTrue();
        }
        try (RawClient client = greeted()) {
            client.send(RawClient.option(4711, new byte[40_000]));
            assertThat(client.optionReply()).isEqualTo(Nbd.REP_ERR_UNSUP);
            client.send(RawClient.option(4711, new byte[40_000]));
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void hangsUpOnUnknownClientFlagsAndWrongMagic() throws Exception {
        try (RawClient client = new RawClient(target().address())) {
            client.receive(18);
            client.send(ByteBuffer.allocate(4).putInt(0x80).flip());
            assertThat(client.isClosedByPeer()).isTrue();
        }
        try (RawClient client = greeted()) {
            client.send(ByteBuffer.allocate(16));
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void hangsUpOnClientsThatDoNotGetOnWithTheHandshake() throws Exception {
        try (RawClient client = new RawClient(target().address())) {
            client.receive(18);
            client.send(ByteBuffer.allocate(3));
            assertThat(client.isClosedByPeer()).isTrue();
        }
        try (RawClient client = enter()) {
            assertThat(client.read(0, PAGE).error()).isZero();
        }
    }

    /// A client that goes on, but a byte at a time, has no longer than one that stands still.
    @Test
    void hangsUpOnClientsThatTrickle() throws Exception {
        try (RawClient client = greeted()) {
            ByteBuffer endless = RawClient.option(4711, new byte[10_000]);
            assertThatThrownBy(
                            () -> {
                                while (endless.hasRemaining()) {
                                    client.send(endless.slice(endless.position(), 1));
                                    endless.position(endless.position() + 1);
                                    Thread.sleep(20);
                                }
                            })
                    .isInstanceOf(IOException.class);
            assertThat(endless.position()).isPositive();
        }
        try (RawClient client = enter()) {
            assertThat(client.read(0, PAGE).error()).isZero();
        }
    }
}
