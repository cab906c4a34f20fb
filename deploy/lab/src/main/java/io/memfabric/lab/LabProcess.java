package io.memfabric.lab;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A process of the lab that goes on until it is stopped; what it prints goes to a log.
public final class LabProcess {

    private static final Duration LIMIT = Duration.ofSeconds(15);

    private final String name;
    private final Process entry;
    private final ProcessHandle inside;
    private final Path log;

    private LabProcess(String name, Process entry, ProcessHandle inside, Path log) {
        this.name = name;
        this.entry = entry;
        this.inside = inside;
        this.log = log;
    }

    /// Starts a process in a namespace.
    static LabProcess start(
            Namespace namespace,
            String name,
            List<String> words,
            Map<String, String> environment,
            Path log) {
        ProcessBuilder builder =
                new ProcessBuilder(namespace.enter(words.toArray(String[]::new)))
                        .redirectInput(Redirect.from(new File("/dev/null")))
                        .redirectErrorStream(true)
                        .redirectOutput(Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        try {
            Process entry = builder.start();
            // nsenter forks to enter the pid namespace: its child is the process that was asked
            // for.
            ProcessHandle inside =
                    Await.answer(
                            name + " to start (log: " + log + ")",
                            LIMIT,
                            () ->
                                    entry.isAlive()
                                            ? entry.children().findFirst()
                                            : Optional.of(entry.toHandle()));
            return new LabProcess(name, entry, inside, log);
        } catch (IOException e) {
            throw new LabException("cannot start " + name + ": " + e.getMessage(), e);
        }
    }

    /// Its number as the machine sees it.
    public long pid() {
        return inside.pid();
    }

    public boolean alive() {
        return entry.isAlive();
    }

    /// Ends it at once (SIGKILL) and waits until it is gone.
    public void kill() {
        inside.destroyForcibly();
        awaitEnd();
    }

    /// @throws LabException where the process has ended, with the end of its log
    void mustLive() {
        if (!alive()) {
            throw new LabException(name + " has ended; log: " + log + lastLine());
        }
    }

    private void awaitEnd() {
        try {
            if (!entry.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new LabException(name + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        }
    }

    private String lastLine() {
        try (var lines = Files.lines(log)) {
            return lines.filter(line -> !line.isBlank())
                    .reduce((a, b) -> b)
                    .map(line -> ": " + line.strip())
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }
}
