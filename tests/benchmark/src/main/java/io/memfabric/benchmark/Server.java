package io.memfabric.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Something that serves a device over two hops: a unix socket, then TCP.
///
/// @param processes its processes, the one behind the unix socket last
/// @param socket where clients reach it
record Server(String name, List<Process> processes, Path socket, String export)
        implements AutoCloseable {

    /// The unit of the times in `/proc/<pid>/stat` is 10 ms on every Linux of today.
    private static final double TICKS_PER_SECOND = 100;

    private static final int UTIME = 11;
    private static final int STIME = 12;

    /// The processor time that the server has taken until now.
    double cpuSeconds() throws IOException {
        long ticks = 0;
        for (Process process : processes) {
            String stat = Files.readString(Path.of("/proc", process.pid() + "", "stat"));
            // The name in brackets may hold blanks.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            ticks += Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    /// Lets all its threads run on these processors.
    ///
    /// @param processors a list as taskset(1) has it
    void allow(String processors) throws IOException, InterruptedException {
        for (Process process : processes) {
            var _ = Tools.run(List.of("taskset", "-a", "-c", "-p", processors, process.pid() + ""));
        }
    }

    @Override
    public void close() {
        processes.forEach(Process::destroy);
        for (Process process : processes) {
            try {
                if (!process.waitFor(5, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
