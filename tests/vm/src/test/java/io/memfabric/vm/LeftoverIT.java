package io.memfabric.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.lab.Await;
import io.memfabric.lab.demo.LabMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// However a lab ends, nothing of it is left and the next one starts.
final class LeftoverIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @BeforeEach
    void assumeLab() {
        Ground.assumeLab();
    }

    @Test
    void nothingIsLeftOfADemoThatWasKilled() throws Exception {
        Machine before = Machine.now();
        Process demo = startDemo();
        readUntil(demo, "Control run");
        Set<ProcessHandle> tree = Machine.tree(demo.toHandle());
        assertThat(commands(tree)).contains("qemu-system-x86_64", "libvirtd", "socat", "postgres");
        assertThat(tree.stream().filter(process -> !process.equals(demo.toHandle())))
                .allSatisfy(process -> assertThat(Machine.sharedFilesOf(process)).isEmpty());

        demo.destroyForcibly();

        awaitEnd(tree);
        assertThat(Machine.now()).isEqualTo(before);
    }

    @Test
    void nothingIsLeftOfADemoThatWasInterruptedWhileItStarts() throws Exception {
        Machine before = Machine.now();
        Process demo = startDemo();
        readUntil(demo, "VMs ");
        Set<ProcessHandle> tree = Machine.tree(demo.toHandle());

        demo.destroy();

        assertThat(demo.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        awaitEnd(tree);
        assertThat(Machine.now()).isEqualTo(before);
    }

    private static Process startDemo() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:-UsePerfData",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LabMain.class.getName(),
                        "demo",
                        "--root",
                        Ground.root().toString(),
                        "--report",
                        Ground.root().resolve("target/lab/interrupted.json").toString())
                .redirectErrorStream(true)
                .redirectInput(Redirect.PIPE)
                .start();
    }

    private static void readUntil(Process demo, String text) throws IOException {
        BufferedReader reader = demo.inputReader();
        StringBuilder all = new StringBuilder();
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            all.append(line).append('\n');
            if (line.contains(text)) {
                return;
            }
        }
        throw new AssertionError("the demo ended before it said " + text + ":\n" + all);
    }

    private static void awaitEnd(Set<ProcessHandle> tree) {
        Await.that(
                "every process of the lab to end",
                LIMIT,
                () -> tree.stream().noneMatch(Machine::runs));
    }

    private static Set<String> commands(Set<ProcessHandle> tree) {
        return tree.stream()
                .flatMap(process -> process.info().command().stream())
                .map(command -> Path.of(command).getFileName().toString())
                .collect(Collectors.toSet());
    }
}
