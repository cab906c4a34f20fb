package io.memfabric.vm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.memfabric.lab.Lab;
import io.memfabric.lab.LabOptions;
import io.memfabric.lab.Preconditions;
import io.memfabric.lab.VmPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where labs of the tests stand: this repository on this machine.
final class Ground {

    private Ground() {}

    /// Skips the test, with the reason, where no lab can start here.
    static void assumeLab() {
        Optional<String> missing = Preconditions.missing();
        assumeTrue(missing.isEmpty(), missing.orElse(""));
    }

    /// Starts a lab of two hosts, or skips.
    static Lab startLab(List<VmPlan> vms) {
        assumeLab();
        return Lab.start(LabOptions.of(root()), vms, line -> System.out.println("lab: " + line));
    }

    static Path root() {
        for (Path folder = Path.of("").toAbsolutePath();
                folder != null;
                folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("deploy/lab"))) {
                return folder;
            }
        }
        throw new IllegalStateException("not inside the repository");
    }
}
