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
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The agent's lending and borrowing between two VMs: one test for each line that they print.
class DataPathIT {

    private static final List<String> CHECKS =
            List.of(
                    "connected",
                    "pages",
                    "copies",
                    "stale-epoch",
                    "fenced",
                    "link",
                    "lender-killed",
                    "closed");

    @TestFactory
    Stream<DynamicTest> byTcp() throws Exception {
        Path verbs = Program.repository().resolve("tests/rdma/target/verbs");
        VmPair.Printed printed;
        try {
            VmPair.requireQemu();
            printed =
                    VmPair.run(
                            VerbsImage.build(verbs, Program.in(Program.repository())),
                            "tcp",
                            verbs.resolve("logs"),
                            Duration.ofMinutes(4));
        } catch (VerbsUnavailableException e) {
            return Assumptions.abort(String.valueOf(e.getMessage()));
        }
        return CHECKS.stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> passed(printed, name)));
    }

    private static void passed(VmPair.Printed printed, String name) {
        assertThat(printed.client())
                .as("what the VM printed")
                .noneMatch(line -> line.startsWith("FAIL " + name + " "))
                .anyMatch(line -> line.startsWith("PASS " + name + " "));
    }
}
