package io.memfabric.contract.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RdmaMessagesTest {

    private static final List<RdmaWelcome> ANSWERS =
            List.of(
                    new RdmaWelcome.Entered(
                            List.of(
                                    new RdmaWelcome.Place(0x7f00_1234_5678_9000L, -5, 64 << 20),
                                    new RdmaWelcome.Place(-4096, 77, 1))),
                    new RdmaWelcome.Refused(RdmaWelcome.Reason.UNKNOWN, "no such claim"),
                    new RdmaWelcome.Refused(RdmaWelcome.Reason.UNAVAILABLE, ""));

    @Test
    void aHelloIsReadAsItWasWritten() {
        for (RdmaHello hello :
                List.of(new RdmaHello("mfs1.a", true), new RdmaHello("x".repeat(4086), false))) {
            assertThat(RdmaHello.decode(hello.encode())).isEqualTo(hello);
            assertThat(hello.encode().length).isLessThanOrEqualTo(RdmaHello.MAX_BYTES);
        }
    }

    @Test
    void anAnswerIsReadAsItWasWritten() {
        for (RdmaWelcome answer : ANSWERS) {
            assertThat(RdmaWelcome.decode(answer.encode())).isEqualTo(answer);
        }
    }

    @Test
    void everyShorterOrLongerMessageIsRefused() {
        byte[] hello = new RdmaHello("mfs1.a", true).encode();
        for (int length = 0; length < hello.length + 5; length++) {
            byte[] other = Arrays.copyOf(hello, length);
            if (length != hello.length) {
                assertThatThrownBy(() -> RdmaHello.decode(other))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
        for (RdmaWelcome answer : ANSWERS) {
            byte[] whole = answer.encode();
            for (int length = 0; length < whole.length + 5; length++) {
                byte[] other = Arrays.copyOf(whole, length);
                if (length != whole.length) {
                    assertThatThrownBy(() -> RdmaWelcome.decode(other))
                            .isInstanceOf(IllegalArgumentException.class);
                }
            }
        }
    }

    @Test
    void hostileBytesAreRefusedAndNothingElseHappens() {
        long seed = 7;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes =
                    i % 2 == 0
                            ? new RdmaHello("mfs1.a", true).encode()
                            : ANSWERS.get(i % 3).encode();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                if (i % 2 == 0) {
                    var _ = RdmaHello.decode(bytes);
                } else {
                    var _ = RdmaWelcome.decode(bytes);
                }
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).as("seed %d, round %d", seed, i).isNotBlank();
            }
        }
    }

    @Test
    void aRefusalIsOneLineWhateverAPeerSends() {
        String long200 = "x".repeat(199);
        for (String detail : List.of(long200 + " y", long200 + "\uD83D\uDE00", " a\nb\0 ")) {
            RdmaWelcome once =
                    RdmaWelcome.decode(
                            new RdmaWelcome.Refused(RdmaWelcome.Reason.UNKNOWN, detail).encode());
            assertThat(RdmaWelcome.decode(once.encode())).isEqualTo(once);
        }
        assertThat(new RdmaWelcome.Refused(RdmaWelcome.Reason.UNKNOWN, " a\nb\0 ").detail())
                .isEqualTo("a b");
    }

    /// The length of a registration is an int in every RDMA library for Java.
    @Test
    void aRegionFitsOneRegistration() {
        assertThat(FabricLimits.REGION.bytes()).isPositive().isLessThanOrEqualTo(Integer.MAX_VALUE);
    }
}
