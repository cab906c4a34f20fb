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

/// The agent's lending and borrowing over RDMA between two VMs, and peers that keep to no rule: one
/// test for each line that they print.
class DataPathIT {

    private static final Duration LIMIT = Duration.ofMinutes(8);

    private static final List<String> CHECKS =
            List.of(
                    "no-permission",
                    "memlock",
                    "library",
                    "rdma-check",
                    "no-route",
                    "mtu",
                    "registered",
                    "wrong-key",
                    "outside",
                    "foreign-key",
                    "malformed",
                    "silent",
                    "nobody",
                    "fence",
                    "released",
                    "connected",
                    "pages",
                    "copies",
                    "stale-epoch",
                    "fenced",
                    "not-ours",
                    "link",
                    "lender-killed",
                    "closed",
                    "killed-process");

    @TestFactory
    Stream<DynamicTest> overRdma() throws Exception {
        Path root = Program.repository();
        Path verbs = root.resolve("tests/rdma/target/verbs");
        VmPair.Printed printed;
        try {
            VmPair.requireQemu();
            VerbsImage image = VerbsImage.build(verbs, Program.in(root));
            printed = VmPair.run(image, "rdma", verbs.resolve("logs"), LIMIT);
        } catch (VerbsUnavailableException e) {
            return Assumptions.abort(String.valueOf(e.getMessage()));
        }
        printed.client().stream()
                .filter(line -> line.startsWith("PASS ") || line.startsWith("FAIL "))
                .forEach(System.out::println);
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
