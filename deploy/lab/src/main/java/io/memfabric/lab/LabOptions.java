package io.memfabric.lab;

import java.nio.file.Path;

/// How a lab is built.
///
/// @param root the repository, with everything built
/// @param hosts how many hosts, 2 to 20; named a, b, c, …
public record LabOptions(Path root, int hosts) {

    public static final int HOSTS_MAX = 20;

    public LabOptions {
        if (hosts < 2 || hosts > HOSTS_MAX) {
            throw new LabException("a lab has 2 to " + HOSTS_MAX + " hosts, not " + hosts);
        }
        root = root.toAbsolutePath().normalize();
    }

    public static LabOptions of(Path root) {
        return new LabOptions(root, 2);
    }

    /// Where every process of the lab writes its log, anew with every lab.
    public Path logs() {
        return root.resolve("target/lab/logs");
    }
}
