package io.memfabric.rdma;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.rdma.image.VerbsImage;
import io.memfabric.rdma.image.VerbsUnavailableException;
import io.memfabric.rdma.vm.VmPair;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// What everything else here stands on: two VMs whose verbs work without any code of ours.
class VerbsVmIT {

    private static final Path VERBS = Path.of("target", "verbs").toAbsolutePath();

    @Test
    void perftestReadsWithinAVmAndBetweenTwo() throws Exception {
        VmPair.Printed printed = run();
        assertThat(printed.starting("FAIL")).isEmpty();
        assertThat(printed.starting("READY")).hasSize(2);
        assertThat(printed.starting("PASS").map(line -> line.split(" ", -1)[1]))
                .containsExactlyInAnyOrder("loopback", "between");
        printed.starting("PASS").forEach(System.out::println);
    }

    private static VmPair.Printed run() throws Exception {
        try {
            VmPair.requireQemu();
            return VmPair.run(
                    VerbsImage.build(VERBS, Map.of()),
                    "latency",
                    VERBS.resolve("logs"),
                    Duration.ofSeconds(90));
        } catch (VerbsUnavailableException e) {
            return Assumptions.abort(String.valueOf(e.getMessage()));
        }
    }
}
