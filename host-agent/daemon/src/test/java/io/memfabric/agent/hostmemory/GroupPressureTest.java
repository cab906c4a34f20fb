package io.memfabric.agent.hostmemory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GroupPressureTest {

    private static final UUID VM = UUID.fromString("11111111-2222-3333-4444-555555555555");
    private static final String SCOPE = "machine.slice/machine-qemu\\x2d1\\x2da.scope";

    @TempDir private Path root;

    @BeforeEach
    void qemu() throws IOException {
        Path entry = Files.createDirectories(root.resolve("proc/700"));
        Files.writeString(entry.resolve("cmdline"), "qemu\0-uuid\0" + VM + "\0");
        Files.writeString(
                entry.resolve("stat"), "700 (qemu) S 1" + " 0".repeat(17) + " 4242 0 0\n");
    }

    private void isIn(String cgroup) throws IOException {
        Files.writeString(root.resolve("proc/700/cgroup"), cgroup);
    }

    private void waits(String group, String avg10) throws IOException {
        Files.writeString(
                Files.createDirectories(root.resolve("groups").resolve(group))
                        .resolve("memory.pressure"),
                "some avg10=%s avg60=0.10 avg300=0.00 total=12345%nfull avg10=99.00 avg60=0 avg300=0 total=1%n"
                        .formatted(avg10));
    }

    private OptionalLong seen() {
        return new GroupPressure(
                        root.resolve("proc"),
                        root.resolve("groups"),
                        new QemuProcesses(root.resolve("proc")))
                .centipercent(VM);
    }

    @Test
    void isThatOfTheVmsOwnScope() throws IOException {
        isIn("0::/" + SCOPE + "/libvirt/emulator\n");
        waits(SCOPE, "12.34");
        waits(SCOPE + "/libvirt/emulator", "99.00");
        waits("machine.slice", "1.00");
        assertThat(seen()).hasValue(1234);
    }

    @Test
    void isThatOfAllVmsWhereThatIsMore() throws IOException {
        isIn("0::/" + SCOPE + "\n");
        waits(SCOPE, "0.00");
        waits("machine.slice", "25.00");
        assertThat(seen()).hasValue(2500);
    }

    @Test
    void knowsTheGroupsThatLibvirtMakesWithoutSystemd() throws IOException {
        isIn("0::/machine/qemu-1-a.libvirt-qemu/emulator\n");
        waits("machine/qemu-1-a.libvirt-qemu", "3.00");
        assertThat(seen()).hasValue(300);
    }

    @Test
    void saysNothingWithoutAGroupOfItsOwnWithoutPsiAndOnVersionOne() throws IOException {
        waits("user.slice/session-1.scope", "50.00");
        isIn("0::/user.slice/session-1.scope\n");
        assertThat(seen()).isEmpty();
        isIn("0::/" + SCOPE + "\n");
        assertThat(seen()).isEmpty();
        isIn("4:memory:/" + SCOPE + "\n");
        assertThat(seen()).isEmpty();
        isIn("0::/../../../" + SCOPE + "\n");
        assertThat(seen()).isEmpty();
    }
}
