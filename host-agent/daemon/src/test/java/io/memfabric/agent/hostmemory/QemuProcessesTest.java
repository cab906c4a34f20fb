package io.memfabric.agent.hostmemory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QemuProcessesTest {

    private static final UUID VM = UUID.fromString("11111111-2222-3333-4444-555555555555");

    @TempDir private Path proc;

    private QemuProcesses processes;

    @BeforeEach
    void look() {
        processes = new QemuProcesses(proc);
    }

    private void process(long pid, UUID vmId, long started) throws IOException {
        Path entry = Files.createDirectories(proc.resolve(Long.toString(pid)));
        Files.writeString(entry.resolve("cmdline"), "qemu\0-uuid\0" + vmId + "\0");
        Files.writeString(
                entry.resolve("stat"),
                pid + " (qemu) S 1" + " 0".repeat(17) + " " + started + " 0 0\n");
    }

    @Test
    void knowsAVmsOwnQemuFromAnothers() throws IOException {
        process(700, VM, 10);
        process(701, UUID.randomUUID(), 11);

        assertThat(processes.isQemuOf(VM, 700)).isTrue();
        assertThat(processes.isQemuOf(VM, 701)).isFalse();
        assertThat(processes.isQemuOf(UUID.randomUUID(), 700)).isFalse();
    }

    @Test
    void takesTheOldestForItWhereSeveralClaimTheVm() throws IOException {
        process(10, VM, 9_000);
        process(700, VM, 800);
        process(9_000, VM, 10_000);

        assertThat(processes.isQemuOf(VM, 700)).isTrue();
        assertThat(processes.isQemuOf(VM, 10)).isFalse();
    }

    @Test
    void doesNotTakeALaterProcessOfTheSameNumberForIt() throws IOException {
        process(700, VM, 10);
        assertThat(processes.isQemuOf(VM, 700)).isTrue();
        process(700, UUID.randomUUID(), 20);

        assertThat(processes.isQemuOf(VM, 700)).isFalse();
    }
}
