package io.memfabric.agent.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.hypervisor.AttachedDisk;
import io.memfabric.agent.hypervisor.AttachedDisk.Way;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class MonitorDiskTest {

    private static AttachedDisk of(String node, String file) {
        String json = "{\"node-name\":\"%s\",\"file\":\"%s\"}".formatted(node, file);
        return MonitorDisk.attached(
                "mf-a-1", "a-1", "stop", "stop", JsonMapper.builder().build().readTree(json));
    }

    @Test
    void readsWhatQemuShows() {
        assertThat(of("mf300-a-1", "nbd+unix:///export?socket=/run/x/disk.sock"))
                .isEqualTo(
                        new AttachedDisk(
                                "mf-a-1",
                                "a-1",
                                Path.of("/run/x/disk.sock"),
                                "export",
                                "stop",
                                "stop",
                                300,
                                Way.MONITOR));
    }

    @Test
    void believesInNoDelayOfANodeThatIsNotOurs() {
        assertThat(of("a-1", "nbd+unix:///e?socket=/s").reconnectSeconds()).isNull();
        assertThat(of("mf300-b", "nbd+unix:///e?socket=/s").reconnectSeconds()).isNull();
    }

    @Test
    void theNamesFitIntoQemus() {
        String longest = "x".repeat(20);
        assertThat(MonitorDisk.node(longest)).hasSizeLessThanOrEqualTo(31);
        assertThat(MonitorDisk.guard(longest)).hasSizeLessThanOrEqualTo(31);
    }

    /// As "Virtual Hard Disk Image Format Specification" has it: the complement of the sum of all
    /// bytes but the checksum's own.
    @Test
    void theGuardsFooterHasItsChecksum() {
        ByteBuffer footer = ByteBuffer.wrap(MigrationGuard.image()).slice(64 << 10, 512);
        int sum = 0;
        for (int at = 0; at < 512; at++) {
            sum += at >= 64 && at < 68 ? 0 : footer.get(at) & 0xff;
        }
        assertThat(footer.getInt(64)).isEqualTo(~sum);
    }
}
