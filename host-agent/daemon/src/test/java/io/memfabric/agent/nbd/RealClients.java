package io.memfabric.agent.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The NBD clients of other projects, as Debian has them, against a server of ours.
public abstract class RealClients {

    @TempDir protected Path folder = Path.of("unset");

    /// The export as these tools name it, such as `nbd+unix:///name?socket=path`.
    protected abstract String uri();

    protected abstract long size();

    @Test
    void nbdinfoSeesTheExport() throws Exception {
        String json = run("nbdinfo", "--json", uri());
        assertThat(json).contains("\"export-size\": " + size());
        assertThat(json)
                .contains("\"can_flush\": true")
                .contains("\"can_fua\": true")
                .contains("\"can_trim\": true")
                .contains("\"can_zero\": true")
                .contains("\"is_read_only\": false");
    }

    @Test
    void nbdcopyCopiesThereAndBack() throws Exception {
        Path source = randomFile(1);
        Path back = folder.resolve("back");
        run("nbdcopy", "--flush", source.toString(), uri());
        run("nbdcopy", uri(), back.toString());
        assertThat(Files.mismatch(source, back)).isEqualTo(-1);
    }

    @Test
    void nbdcopyWithLongRequestsCopiesToo() throws Exception {
        Path source = randomFile(2);
        Path back = folder.resolve("back");
        run("nbdcopy", "--request-size=1048576", source.toString(), uri());
        run("nbdcopy", "--request-size=1048576", "--connections=1", uri(), back.toString());
        assertThat(Files.mismatch(source, back)).isEqualTo(-1);
    }

    @Test
    void qemuImgConvertsAndCompares() throws Exception {
        Path source = randomFile(3);
        run("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", source.toString(), uri());
        run("qemu-img", "compare", "-f", "raw", "-F", "raw", source.toString(), uri());
    }

    @Test
    void qemuIoReadsWritesZeroesAndDiscards() throws Exception {
        String out =
                run(
                        "qemu-io",
                        "-f",
                        "raw",
                        "-c",
                        "write -P 0x11 0 64k",
                        "-c",
                        "write -P 0x22 512 1024",
                        "-c",
                        "read -P 0x22 512 1024",
                        "-c",
                        "read -P 0x11 1536 2048",
                        "-c",
                        "write -z 4k 4k",
                        "-c",
                        "read -P 0 4k 4k",
                        "-c",
                        "read -P 0x11 8k 4k",
                        "-c",
                        "discard 8k 8k",
                        "-c",
                        "read -P 0 8k 8k",
                        "-c",
                        "write -f -P 0x33 1M 2M",
                        "-c",
                        "read -P 0x33 1M 2M",
                        "-c",
                        "flush",
                        uri());
        assertThat(out).doesNotContain("failed").doesNotContain("error");
    }

    @Test
    void fioVerifiesRandomWrites() throws Exception {
        String out =
                run(
                        "fio",
                        "--name=verify",
                        "--ioengine=nbd",
                        "--uri=" + uri(),
                        "--rw=randwrite",
                        "--bs=4k",
                        "--iodepth=16",
                        "--size=16M",
                        "--verify=crc32c",
                        "--verify_fatal=1",
                        "--do_verify=1",
                        "--randseed=4",
                        "--output-format=terse");
        assertThat(out).doesNotContain("verify:");
    }

    private Path randomFile(long seed) throws IOException {
        byte[] bytes = new byte[(int) size()];
        new Random(seed).nextBytes(bytes);
        return Files.write(folder.resolve("source"), bytes);
    }

    private String run(String... command) throws IOException, InterruptedException {
        Ended ended = run(folder, command);
        assertThat(ended.status()).as("%s wrote: %s", List.of(command), ended.text()).isZero();
        return ended.text();
    }

    /// How a tool ended and what it wrote.
    public record Ended(int status, String text) {}

    /// Runs a tool in a folder; the test is skipped where it is not installed.
    public static Ended run(Path folder, String... command)
            throws IOException, InterruptedException {
        assumeTrue(isInstalled(command[0]), command[0] + " is not installed");
        Path out = Files.createTempFile(folder, "out", ".txt");
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
        boolean ended = process.waitFor(100, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        String text = Files.readString(out);
        assertThat(ended).as("%s ended; it wrote: %s", List.of(command), text).isTrue();
        return new Ended(process.exitValue(), text);
    }

    private static boolean isInstalled(String tool) {
        return List.of(System.getenv("PATH").split(":")).stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }
}
