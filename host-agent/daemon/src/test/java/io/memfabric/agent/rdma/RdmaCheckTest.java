package io.memfabric.agent.rdma;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an operator is told, with the kernel's files made up.
final class RdmaCheckTest {

    @TempDir Path root;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private int status;

    @BeforeEach
    void aHostWhereEverythingIsThere() throws IOException {
        write("sys/mlx5_0/ports/1/state", "4: ACTIVE");
        write("sys/mlx5_0/ports/1/link_layer", "Ethernet");
        write("sys/mlx5_0/ports/1/gids/0", "fe80:0000:0000:0000:0000:00ff:fe00:0001");
        write("sys/mlx5_0/ports/1/gids/1", "0000:0000:0000:0000:0000:ffff:7f00:0001");
        write("sys/mlx5_0/ports/1/gids/2", "0000:0000:0000:0000:0000:0000:0000:0000");
        write("sys/mlx5_0/ports/1/gid_attrs/types/1", "RoCE v2");
        write("dev/rdma_cm", "");
        write("dev/uverbs0", "");
        write(
                "limits",
                "Max locked memory         unlimited            unlimited            bytes");
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text + "\n");
    }

    private String check(RdmaCheck.Source source) throws IOException {
        said.reset();
        status =
                new RdmaCheck(
                                root.resolve("sys"),
                                root.resolve("dev"),
                                root.resolve("limits"),
                                source,
                                new PrintStream(said, true, UTF_8))
                        .check();
        return said.toString(UTF_8);
    }

    @Test
    void isContentWhereEverythingWorks() throws IOException {
        assertThat(check(SoftVerbs::new))
                .contains("mlx5_0 port 1", "OK, Ethernet, ACTIVE", "GID 1", "RoCE v2")
                .contains("OK, address 127.0.0.1", "memlock limit", "OK, unlimited")
                .containsPattern("loopback READ on mlx5_0 +OK, \\d+ us for 4 KiB")
                .contains("RDMA can be used.")
                .doesNotContain("GID 2");
        assertThat(status).isZero();
    }

    @Test
    void saysThatThereIsNoneAndThatThatIsNoFailure() throws IOException {
        Path nothing = root.resolve("nothing");
        status =
                new RdmaCheck(
                                nothing,
                                nothing,
                                root.resolve("limits"),
                                SoftVerbs::new,
                                new PrintStream(said, true, UTF_8))
                        .check();
        assertThat(status).isZero();
        assertThat(said.toString(UTF_8)).contains("no RDMA", "over TCP").hasLineCount(1);
    }

    @Test
    void saysWhatToDoAboutEachThingThatIsMissing() throws IOException {
        write(
                "limits",
                "Max locked memory         65536                65536                bytes");
        write("status", "CapEff:\t000001ffffffbfff");
        assertThat(check(SoftVerbs::new)).contains("65536 bytes: raise it");
        assertThat(status).isOne();
        write("status", "CapEff:\t000001ffffffffff");
        assertThat(check(SoftVerbs::new)).contains("OK, 65536, which CAP_IPC_LOCK lifts");
        assertThat(status).isZero();
        write("sys/mlx5_0/ports/1/state", "1: DOWN");
        assertThat(check(SoftVerbs::new)).contains("is DOWN: set its link up");
        Files.delete(root.resolve("sys/mlx5_0/ports/1/gids/1"));
        assertThat(check(SoftVerbs::new)).contains("has no GID of an IPv4 address");
        Files.delete(root.resolve("dev/rdma_cm"));
        assertThat(check(SoftVerbs::new)).contains("modprobe rdma_ucm");
        assertThat(
                        check(
                                () -> {
                                    throw new RdmaException(
                                            RdmaException.NO_LIBRARY, "there is no library");
                                }))
                .contains("native library", "there is no library");
    }

    @Test
    void saysThatAReadOfItselfDoesNotWork() throws IOException {
        SoftVerbs unplugged = new SoftVerbs();
        unplugged.unplug(true);
        assertThat(check(() -> unplugged)).contains("loopback READ on mlx5_0", "rdma_refused");
        assertThat(status).isOne();
    }
}
