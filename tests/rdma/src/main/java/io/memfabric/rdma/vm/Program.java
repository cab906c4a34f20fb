package io.memfabric.rdma.vm;

import io.memfabric.agent.rdma.VerbsLibrary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// The built classes that run inside the VMs.
public final class Program {

    private static final String TEST_JARS =
            "(junit|opentest4j|apiguardian|assertj|byte-buddy|jspecify).*\\.jar";

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
        // As if somebody had installed another one.
        parts.put("other/libdisni.so", agent.resolve("lib").resolve(VerbsLibrary.FILE));
        for (Path part : parts.values()) {
            if (!Files.exists(part)) {
                throw new IllegalStateException(part + " is missing: build first");
            }
        }
        return parts;
    }

    /// The same with the agent's tests and what they need, which is on this process' own class path.
    public static Map<String, Path> withTests(Path root) {
        Map<String, Path> parts = in(root);
        parts.put("app/test-classes", root.resolve("host-agent/daemon/target/test-classes"));
        for (String entry : System.getProperty("java.class.path").split(":", -1)) {
            Path file = Path.of(entry);
            if (file.getFileName().toString().matches(TEST_JARS)) {
                parts.put("app/test-lib/" + file.getFileName(), file);
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
