package io.memfabric.rdma;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.rdma.image.VerbsImage;
import io.memfabric.rdma.image.VerbsUnavailableException;
import io.memfabric.rdma.vm.Program;
import io.memfabric.rdma.vm.VmPair;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// One VM on its own device: the agent's contract of legs over real verbs, and the benchmark as a host
/// with a device runs it.
class OneVmIT {

    private static final Duration LIMIT = Duration.ofMinutes(4);

    @Test
    void keepsTheContractOfLegsAndMeasuresItself() throws Exception {
        List<String> said = run();
        said.stream()
                .filter(line -> line.matches("(PASS|FAIL|SAMPLE) .*"))
                .forEach(System.out::println);
        assertThat(said).noneMatch(line -> line.startsWith("FAIL "));
        assertThat(starting(said, "PASS contract.")).hasSizeGreaterThanOrEqualTo(10);
        assertThat(starting(said, "PASS contract ")).hasSize(1);
        assertThat(starting(said, "SAMPLE read4k ")).hasSize(1);
        assertThat(starting(said, "SAMPLE read64k ")).hasSize(1);
        assertThat(starting(said, "PASS fence ")).hasSize(1);
    }

    private static Stream<String> starting(List<String> said, String start) {
        return said.stream().filter(line -> line.startsWith(start));
    }

    private static List<String> run() throws Exception {
        Path root = Program.repository();
        Path verbs = root.resolve("tests/rdma/target/verbs");
        try {
            VmPair.requireQemu();
            VerbsImage image = VerbsImage.build(verbs, Program.withTests(root));
            return VmPair.alone(image, "alone", verbs.resolve("logs"), LIMIT);
        } catch (VerbsUnavailableException e) {
            return Assumptions.abort(String.valueOf(e.getMessage()));
        }
    }
}
