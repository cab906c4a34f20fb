package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.broker.testbed.Told;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The blocks of the guide, run as they stand there.
class GuideIT {

    private static final String IMPORTS =
            """
            import io.memfabric.client.*;
            import io.memfabric.contract.vocabulary.*;
            import java.util.*;
            import tools.jackson.databind.JsonNode;
            """;

    @TempDir Path folder = Path.of("");

    @Test
    void everyCallAsCurl() throws Exception {
        for (String tool : List.of("curl", "jq")) {
            assumeTrue(Files.isExecutable(Path.of("/usr/bin", tool)), tool + " is not installed");
        }
        Path script = folder.resolve("guide.sh");
        Files.writeString(script, blocks("sh"));
        assertThat(run(List.of("bash", "-euo", "pipefail", script.toString())))
                .contains("HARVEST\n", "RUNNING\n", "ACTIVE\n", "INFLATE by IDLE", "RELEASED\n");
        Told.tell("guide-curl", listed("sh").size() + " blocks run");
    }

    @Test
    void everyCallAsJava() throws Exception {
        Path source = folder.resolve("Guide.java");
        Files.writeString(
                source,
                IMPORTS
                        + "public final class Guide {\npublic static void main(String[] a) {\n"
                        + blocks("java")
                        + "}\n}\n");
        String classes = System.getProperty("java.class.path");
        int compiled =
                ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-cp", classes, source.toString());
        assertThat(compiled).isZero();
        Path java = Path.of(System.getProperty("java.home"), "bin/java");
        assertThat(run(List.of(java.toString(), "-cp", folder + ":" + classes, "Guide")))
                .contains("RUNNING\n", "ACTIVE\n", "INFLATE by IDLE", "RELEASED\n");
        Told.tell("guide-java", listed("java").size() + " blocks run");
    }

    /// Runs a program beside hosts that obey, and answers what it printed.
    private String run(List<String> words) throws Exception {
        try (Fleet fleet = new Fleet()) {
            FakeAgent lender = fleet.lender(1);
            fleet.lender(1);
            FakeAgent borrower = fleet.borrower();
            borrower.decide(1, "IDLE");
            AtomicBoolean ended = new AtomicBoolean();
            Thread hosts = Thread.ofVirtual().start(() -> obey(fleet, ended));
            try {
                ProcessBuilder builder = new ProcessBuilder(words);
                builder.directory(folder.toFile()).redirectErrorStream(true);
                builder.environment()
                        .put("MEMFABRIC_URL", TestBroker.shared().address().toString());
                builder.environment().put("MEMFABRIC_TOKEN", adminToken());
                builder.environment().put("HOST_NAME", lender.name());
                builder.environment().put("VM", borrower.vmId().toString());
                Process process = builder.start();
                String printed =
                        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
                assertThat(process.exitValue()).as(printed).isZero();
                return printed;
            } finally {
                ended.set(true);
                hosts.join();
            }
        }
    }

    private static void obey(Fleet fleet, AtomicBoolean ended) {
        while (!ended.get()) {
            fleet.hear();
            fleet.settle();
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static String adminToken() throws IOException {
        return Files.readString(TestBroker.shared().dataDir().resolve("admin-token")).strip();
    }

    private static String blocks(String language) throws IOException {
        return String.join("\n", listed(language));
    }

    private static List<String> listed(String language) throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("api-spec/guide.md"))) {
            root = java.util.Objects.requireNonNull(root.getParent(), "not in the repository");
        }
        String guide = Files.readString(root.resolve("api-spec/guide.md"));
        List<String> blocks =
                Pattern.compile("(?ms)^```" + language + "\\n(.*?)^```$")
                        .matcher(guide)
                        .results()
                        .map(block -> block.group(1))
                        .toList();
        assertThat(blocks).hasSizeGreaterThan(9);
        return blocks;
    }
}
