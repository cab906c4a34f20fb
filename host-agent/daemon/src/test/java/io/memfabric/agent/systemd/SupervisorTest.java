package io.memfabric.agent.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The words that are said to the service manager, as its end of the socket hears them.
final class SupervisorTest {

    private static final int MOST = 4096;

    @TempDir private Path folder;
    private int holder = -1;
    private Supervisor manager = Supervisor.of(Map.of(), 1);

    @BeforeEach
    void listen() throws IOException {
        Path socket = folder.resolve("notify");
        holder = Posix.socket(Posix.SOCK_DGRAM);
        try (Arena arena = Arena.ofConfined()) {
            Posix.bindOnly(holder, Messages.address(socket.toString(), arena));
        }
        manager = Supervisor.of(Map.of("NOTIFY_SOCKET", socket.toString()), 1);
    }

    @AfterEach
    void close() {
        Posix.close(holder);
    }

    private String heard() throws IOException {
        assertThat(Posix.awaitReadable(holder, 5_000)).as("a message").isTrue();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(MOST);
            int bytes = (int) Posix.read(holder, text);
            byte[] read = text.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
            return new String(read, StandardCharsets.UTF_8);
        }
    }

    @Test
    void saysThatItIsReadyAliveAndStopping() throws IOException {
        manager.ready();
        manager.alive();
        manager.stopping();
        assertThat(heard()).isEqualTo("READY=1");
        assertThat(heard()).isEqualTo("WATCHDOG=1");
        assertThat(heard()).isEqualTo("STOPPING=1");
    }

    @Test
    void storesAndForgetsUnderAName() throws IOException {
        manager.store("listener-x", holder);
        manager.forget("listener-x");
        assertThat(heard()).isEqualTo("FDSTORE=1\nFDPOLL=0\nFDNAME=listener-x");
        assertThat(heard()).isEqualTo("FDSTOREREMOVE=1\nFDNAME=listener-x");
    }

    @Test
    void refusesANameThatTheProtocolCannotCarry() {
        assertThatIllegalArgumentException().isThrownBy(() -> manager.store("a:b", holder));
        assertThatIllegalArgumentException().isThrownBy(() -> manager.store("a\nb", holder));
        assertThatIllegalArgumentException().isThrownBy(() -> manager.store("", holder));
    }

    @Test
    void takesNothingThatIsMeantForAnotherProcess() {
        Supervisor other =
                Supervisor.of(
                        Map.of("LISTEN_PID", "7", "LISTEN_FDS", "1", "LISTEN_FDNAMES", "a"), 8);
        assertThat(other.claim("a")).isEmpty();
    }

    @Test
    void leavesOutWhatWasAnnouncedAndIsNotThere() {
        Supervisor liar =
                Supervisor.of(
                        Map.of("LISTEN_PID", "7", "LISTEN_FDS", "x", "LISTEN_FDNAMES", "a"), 7);
        assertThat(liar.claim("a")).isEmpty();
    }

    @Test
    void knowsHowOftenItIsToSayThatItLives() {
        assertThat(Supervisor.of(Map.of("WATCHDOG_USEC", "5000000"), 7).watchdog())
                .contains(Duration.ofSeconds(5));
        assertThat(
                        Supervisor.of(Map.of("WATCHDOG_USEC", "5000000", "WATCHDOG_PID", "8"), 7)
                                .watchdog())
                .isEmpty();
    }

    @Test
    void isSilentWithoutAManager() {
        Supervisor nobody = Supervisor.of(Map.of(), 7);
        nobody.ready();
        nobody.store("a", holder);
        assertThat(nobody.isPresent()).isFalse();
    }
}
