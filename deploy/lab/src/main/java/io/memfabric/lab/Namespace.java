package io.memfabric.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A mount, network, pid, ipc and uts namespace with a shell as its process 1, which adopts and reaps
/// what daemonises itself. When process 1 ends, the kernel ends every process in it, and with the
/// last of them go its mounts and interfaces. Process 1 gets a KILL when this JVM dies, however it
/// dies.
public final class Namespace implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    /// `read` keeps process 1 alive; its standard input is a pipe from this JVM.
    private static final String STAY = "\necho ready\nread -r _\n";

    private final Process process;
    private final long init;

    private Namespace(Process process, long init) {
        this.process = process;
        this.init = init;
    }

    /// Opens a namespace and sets it up with a shell script that runs in it.
    ///
    /// @param outer where it is opened, or null for the machine itself
    /// @param script bash, run with `set -e`; `$1` is the name, `$2` the folder of logs
    static Namespace open(@Nullable Namespace outer, String name, String script, Path logs) {
        List<String> words = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
        words.addAll(outer == null ? List.of("setsid") : outer.enter());
        words.addAll(List.of("unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork"));
        words.addAll(List.of("--kill-child=KILL", "--mount-proc", "--propagation", "private"));
        words.addAll(
                List.of(
                        "bash",
                        "-c",
                        "set -e\n" + script + STAY,
                        "lab-" + name,
                        name,
                        logs.toString()));
        Path log = logs.resolve("namespace.log");
        Process process =
                ParentThread.start(
                        new ProcessBuilder(words).redirectError(Redirect.to(log.toFile())));
        BufferedReader reader = process.inputReader();
        try {
            if (!"ready".equals(reader.readLine())) {
                process.destroyForcibly();
                throw new LabException("the namespace " + name + " cannot be set up: see " + log);
            }
        } catch (IOException e) {
            throw new LabException("the namespace " + name + " cannot be set up", e);
        }
        ProcessHandle innermost = process.toHandle();
        Optional<ProcessHandle> child = innermost.children().findFirst();
        while (child.isPresent()) {
            innermost = child.get();
            child = innermost.children().findFirst();
        }
        return new Namespace(process, innermost.pid());
    }

    /// The number of process 1 as the machine sees it.
    public long init() {
        return init;
    }

    /// A path in here as the machine sees it.
    public Path path(String inside) {
        return Path.of("/proc/" + init + "/root" + inside);
    }

    /// A command line that runs `words` in here, in a session of its own: a Ctrl-C on the terminal is
    /// for this JVM alone.
    public List<String> enter(String... words) {
        List<String> all =
                new ArrayList<>(List.of("setsid", "nsenter", "-t", Long.toString(init), "-a"));
        all.addAll(List.of(words));
        return all;
    }

    /// Runs a short command in here and returns what it printed.
    ///
    /// @throws LabException where it fails
    public String run(String... words) {
        return Command.run(LIMIT, enter(words));
    }

    /// Runs a short command of the machine in this network only.
    void runInNetwork(String... words) {
        List<String> all = new ArrayList<>(List.of("nsenter", "-t", Long.toString(init), "-n"));
        all.addAll(List.of(words));
        Command.run(LIMIT, all);
    }

    /// Ends everything in here and waits until it is gone.
    @Override
    public void close() {
        ProcessHandle.of(init).ifPresent(ProcessHandle::destroyForcibly);
        try {
            if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new LabException("the namespace of process " + init + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
