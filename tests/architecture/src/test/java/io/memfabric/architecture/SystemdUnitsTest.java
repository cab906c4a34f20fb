package io.memfabric.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The units of deploy/systemd, as systemd itself reads them.
final class SystemdUnitsTest {

    private static final Path TOOL = Path.of("/usr/bin/systemd-analyze");

    @Test
    void systemdHasNoComplaint() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(TOOL), TOOL + " is not installed");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/java")), "/usr/bin/java is not there");
        List<String> words = new ArrayList<>(List.of(TOOL.toString(), "verify"));
        try (Stream<Path> units = Files.list(root().resolve("deploy/systemd"))) {
            units.filter(unit -> unit.toString().endsWith(".service"))
                    .forEach(unit -> words.add(unit.toString()));
        }
        assertThat(words).hasSizeGreaterThanOrEqualTo(4);
        Process verify = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(verify.waitFor()).as(said).isZero();
        assertThat(said).isEmpty();
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("deploy/systemd"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException("not inside the repository");
            }
        }
        return folder;
    }
}
