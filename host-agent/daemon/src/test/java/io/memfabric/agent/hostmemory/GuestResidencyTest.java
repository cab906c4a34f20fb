package io.memfabric.agent.hostmemory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GuestResidencyTest {

    private static final UUID VM = UUID.fromString("11111111-2222-3333-4444-555555555555");
    private static final long MAX = 512L << 20;

    /// A mapping of 512 MiB with 100 MiB resident, and others around it.
    private static final String SIZED =
            """
            55d0c0000000-55d0c1000000 rw-p 00000000 00:00 0                          [heap]
            Rss:               10240 kB
            7f0000000000-7f0020000000 rw-p 00000000 00:00 0
            Size:             524288 kB
            Rss:              102400 kB
            Pss:              102400 kB
            VmFlags: rd wr mr mw me dd ac nh
            7f0030000000-7f0031000000 rw-p 00000000 00:00 0
            Rss:                2048 kB
            """;

    @TempDir private Path proc;

    private GuestResidency residency() {
        return new GuestResidency(proc, new QemuProcesses(proc));
    }

    private void process(long pid, String cmdline, String state, String smaps) throws IOException {
        Path entry = Files.createDirectories(proc.resolve(Long.toString(pid)));
        Files.writeString(entry.resolve("cmdline"), cmdline.replace(' ', '\0') + "\0");
        Files.writeString(
                entry.resolve("stat"),
                pid + " (qemu (x) y) " + state + " 1" + " 0".repeat(17) + " 4242 0 0\n");
        Files.writeString(entry.resolve("smaps"), smaps);
    }

    private void qemu(String smaps) throws IOException {
        process(700, "qemu-system-x86_64 -name guest=a -uuid " + VM + " -m 512", "S", smaps);
    }

    @Test
    void findsGuestMemoryByItsSize() throws IOException {
        qemu(SIZED);

        assertThat(residency().of(VM, MAX)).hasValue(100L << 20);
    }

    @Test
    void findsGuestMemoryByItsBackend() throws IOException {
        qemu(
                SIZED
                        + """
                        7f1000000000-7f1040000000 rw-s 00000000 00:01 99  /memfd:memory-backend-memfd (deleted)
                        Rss:               20480 kB
                        """);

        assertThat(residency().of(VM, MAX)).hasValue(20L << 20);
    }

    @Test
    void seesWhetherMostOfItLiesInHugePages() throws IOException {
        qemu(SIZED.replace("Pss:              102400 kB", "AnonHugePages:     61440 kB"));
        GuestResidency huge = residency();
        assertThat(huge.isHuge(VM)).isFalse();
        assertThat(huge.of(VM, MAX)).hasValue(100L << 20);
        assertThat(huge.isHuge(VM)).isTrue();

        qemu(SIZED.replace("Pss:              102400 kB", "ShmemPmdMapped:    40960 kB"));
        GuestResidency small = residency();
        assertThat(small.of(VM, MAX)).hasValue(100L << 20);
        assertThat(small.isHuge(VM)).isFalse();
    }

    @Test
    void countsTheWholeProcessWhereGuestMemoryIsNotFound() throws IOException {
        qemu(SIZED);

        assertThat(residency().of(VM, MAX * 2)).hasValue(112L << 20);
    }

    @Test
    void saysNothingOfAVmWithoutProcess() throws IOException {
        process(700, "bash -uuid something", "S", SIZED);

        assertThat(residency().of(VM, MAX)).isEmpty();
    }

    @Test
    void doesNotTakeAZombieForAProcess() throws IOException {
        process(700, "qemu -uuid " + VM, "Z", "");

        assertThat(new QemuProcesses(proc).exists(VM)).isFalse();
    }

    @Test
    void noticesThatAProcessEnded() throws IOException {
        qemu(SIZED);
        QemuProcesses processes = new QemuProcesses(proc);
        assertThat(processes.exists(VM)).isTrue();
        Files.delete(proc.resolve("700/stat"));

        assertThat(processes.exists(VM)).isFalse();
    }

    @Test
    void readsTheHostsMemory() throws IOException {
        Files.writeString(
                proc.resolve("meminfo"),
                "MemTotal:       24683520 kB\nMemFree: 1 kB\nMemAvailable:   20000000 kB\n");

        assertThat(MemoryInfo.read(proc))
                .isEqualTo(new MemoryInfo(24_683_520L << 10, 20_000_000L << 10));
    }

    @Test
    void refusesMeminfoThatLacksWhatIsNeeded() throws IOException {
        Files.writeString(proc.resolve("meminfo"), "MemTotal: 1 kB\n");

        assertThatExceptionOfType(IOException.class).isThrownBy(() -> MemoryInfo.read(proc));
    }

    @Test
    void readsTheRealThing() throws IOException {
        MemoryInfo info = MemoryInfo.read(Path.of("/proc"));

        assertThat(info.availableBytes()).isPositive().isLessThan(info.totalBytes());
    }
}
