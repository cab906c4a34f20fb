package io.memfabric.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A short command: started, waited for, its output kept.
public final class Command {

    private Command() {}

    /// What a command printed and how it ended.
    public record Output(int exit, String out, String err) {

        public boolean ok() {
            return exit == 0;
        }
    }

    /// Runs a command to its end, whatever its exit code.
    ///
    /// @throws LabException where it cannot be started or does not end in time
    public static Output tryRun(Duration limit, List<String> words) {
        try {
            Process process = new ProcessBuilder(words).start();
            process.getOutputStream().close();
            CompletableFuture<String> out = text(process.getInputStream());
            CompletableFuture<String> err = text(process.getErrorStream());
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new LabException(
                        "no end after " + limit.toSeconds() + " s: " + String.join(" ", words));
            }
            return new Output(process.exitValue(), out.join(), err.join());
        } catch (IOException e) {
            throw new LabException("cannot start " + words.getFirst() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted: " + String.join(" ", words), e);
        }
    }

    /// Runs a command and returns what it printed.
    ///
    /// @throws LabException where it fails, with what it said
    public static String run(Duration limit, List<String> words) {
        Output output = tryRun(limit, words);
        if (!output.ok()) {
            String said = output.err().isBlank() ? output.out() : output.err();
            throw new LabException(
                    "exit code %d from %s: %s"
                            .formatted(output.exit(), String.join(" ", words), said.strip()));
        }
        return output.out();
    }

    private static CompletableFuture<String> text(InputStream stream) {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread.startVirtualThread(
                () -> {
                    try (stream) {
                        text.complete(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
                    } catch (IOException e) {
                        text.completeExceptionally(new UncheckedIOException(e));
                    }
                });
        return text;
    }
}
