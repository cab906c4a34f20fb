package io.memfabric.rdma.vm;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// The built classes that run inside the VMs.
public final class Program {

    private Program() {}

    /// By their place in the image.
    ///
    /// @param root the repository, built
    public static Map<String, Path> in(Path root) {
        Path agent = root.resolve("host-agent/daemon/target");
        Map<String, Path> parts = new TreeMap<>();
        parts.put("app/classes", root.resolve("tests/rdma/target/classes"));
        parts.put("app/lib", agent.resolve("lib"));
        parts.put("app/memfabric-agent.jar", agent.resolve("memfabric-agent.jar"));
        for (Path part : parts.values()) {
            if (!Files.exists(part)) {
                throw new IllegalStateException(part + " is missing: build first");
            }
        }
        return parts;
    }

    /// The repository that the current folder lies in.
    public static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("host-agent/daemon"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException("not inside the repository");
            }
        }
        return folder;
    }
}
