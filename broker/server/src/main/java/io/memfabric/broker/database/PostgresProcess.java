package io.memfabric.broker.database;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running postmaster. Its parent-death signal is bound to the thread that started it, so one
/// platform thread starts it, logs what it prints and stays until it ends.
final class PostgresProcess {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresProcess.class);
    private static final int KEPT_LINES = 20;

    private final Process process;
    private final ArrayDeque<String> lastLines = new ArrayDeque<>();

    private PostgresProcess(Process process) {
        this.process = process;
    }

    static PostgresProcess start(List<String> command) throws IOException {
        CompletableFuture<PostgresProcess> started = new CompletableFuture<>();
        Thread.ofPlatform()
                .name("embedded-postgresql")
                .daemon()
                .start(() -> startAndFollow(command, started));
        try {
            return started.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("cannot start PostgreSQL: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IOException("cannot start PostgreSQL within 10 s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while PostgreSQL started", e);
        }
    }

    private static void startAndFollow(
            List<String> command, CompletableFuture<PostgresProcess> started) {
        Process process;
        try {
            process =
                    new ProcessBuilder(command)
                            .directory(Path.of("/").toFile())
                            .redirectErrorStream(true)
                            .start();
            process.getOutputStream().close();
        } catch (IOException e) {
            started.completeExceptionally(e);
            return;
        }
        PostgresProcess self = new PostgresProcess(process);
        started.complete(self);
        self.follow();
    }

    private void follow() {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                LOG.info("{}", line);
                synchronized (lastLines) {
                    lastLines.add(line);
                    if (lastLines.size() > KEPT_LINES) {
                        lastLines.remove();
                    }
                }
            }
        } catch (IOException e) {
            LOG.warn("PostgreSQL's log cannot be read any more: {}", e.toString());
        }
        process.onExit().join();
    }

    /// Waits until it has ended.
    void awaitEnd() {
        process.onExit().join();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /// The last lines that it printed, for an error message.
    String lastWords() {
        synchronized (lastLines) {
            return String.join("\n", lastLines);
        }
    }

    /// Asks it to disconnect everybody and stop; ends it the hard way after 20 s, which costs a
    /// recovery at the next start and no data.
    void stop() {
        PostmasterPid.signal("INT", process.pid());
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                LOG.warn("PostgreSQL did not stop in 20 s and is ended the hard way");
                PostmasterPid.signal("QUIT", process.pid());
                process.waitFor(10, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
