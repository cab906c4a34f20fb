package io.memfabric.rdma.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceTest {

    private static final String OF_10_1_0_5 = "0000:0000:0000:0000:0000:ffff:0a01:0005";

    @TempDir Path folder;

    private void port(String device, String state, String... types) throws IOException {
        Path port = Files.createDirectories(folder.resolve(device).resolve("ports/1"));
        Files.writeString(port.resolve("state"), state + "\n");
        Files.writeString(port.resolve("link_layer"), "Ethernet\n");
        Files.createDirectories(port.resolve("gids"));
        Files.createDirectories(port.resolve("gid_attrs/types"));
        for (int i = 0; i < types.length; i++) {
            Files.writeString(port.resolve("gids/" + i), OF_10_1_0_5 + "\n");
            Files.writeString(port.resolve("gid_attrs/types/" + i), types[i] + "\n");
        }
    }

    @Test
    void takesTheFirstThatCanBeUsed() throws IOException {
        port("mlx5_0", "1: DOWN", "RoCE v2");
        port("mlx5_1", "4: ACTIVE", "IB/RoCE v1", "RoCE v2");
        assertThat(Device.find(folder, Optional.empty()))
                .contains(new Device("mlx5_1", 1, "10.1.0.5"));
        assertThat(Device.find(folder, Optional.of("mlx5_0"))).isEmpty();
        assertThat(Device.find(folder, Optional.of("mlx5_1"))).isPresent();
        assertThat(Device.find(folder.resolve("none"), Optional.empty())).isEmpty();
    }

    @Test
    void saysWhichOptionsThereAre() {
        assertThat(Options.parse(List.of("--root", "/r", "--device", "d", "--peer", "10.0.0.1")))
                .isEqualTo(
                        new Options(
                                Path.of("/r"),
                                false,
                                false,
                                Optional.of("d"),
                                Optional.of("10.0.0.1")));
        for (List<String> bad :
                List.of(
                        List.of("--device", "d"),
                        List.of("--root", "/r", "--peer"),
                        List.of("--root", "/r", "--vms", "--serve"),
                        List.of("--root", "/r", "--serve", "--peer", "10.0.0.1"),
                        List.of("--root", "/r", "fast"))) {
            assertThatIllegalArgumentException().isThrownBy(() -> Options.parse(bad));
        }
    }
}
