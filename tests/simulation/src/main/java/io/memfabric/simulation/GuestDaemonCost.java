package io.memfabric.simulation;

import io.memfabric.contract.guest.GuestFrame;
import io.memfabric.contract.guest.GuestFrame.Configure;
import io.memfabric.contract.guest.GuestFrame.Thresholds;
import io.memfabric.contract.guest.GuestFrameCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// What the guest's daemon costs by this machine's own processor, in place of an emulated one: the
/// same program, on this machine's memory and pressure, with a pair of terminals for the port and an
/// agent's frames at the other end. Needs `socat`.
final class GuestDaemonCost {

    /// As the agent has it.
    private static final int INTERVAL_MILLIS = 250;

    private static final int SAMPLES = 5;
    private static final long SAMPLE_SECONDS = 6;
    private static final long PATIENCE_SECONDS = 10;

    private final Path program;

    /// @param program the built daemon
    GuestDaemonCost(Path program) {
        this.program = program;
    }

    /// The shares of a core that the daemon takes, several times measured.
    ///
    /// @throws IOException where it cannot be run, or says nothing
    double[] coreShares() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("guest-balloon");
        Path port = folder.resolve("port");
        Path host = folder.resolve("host");
        List<Process> started = new ArrayList<>();
        try {
            started.add(
                    start("socat", "PTY,raw,echo=0,link=" + port, "PTY,raw,echo=0,link=" + host));
            await(host);
            await(port);
            Process daemon = start(program.toString(), "--port", port.toString());
            started.add(daemon);
            return measure(daemon, host);
        } finally {
            started.reversed().forEach(Process::destroyForcibly);
            for (Process one : started) {
                one.waitFor();
            }
            Files.deleteIfExists(host);
            Files.deleteIfExists(port);
            Files.delete(folder);
        }
    }

    private static Process start(String... words) throws IOException {
        return new ProcessBuilder(words)
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD)
                .start();
    }

    private static void await(Path file) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!Files.exists(file)) {
            if (System.nanoTime() > end) {
                throw new IOException("socat made no terminal");
            }
            Thread.sleep(20);
        }
    }

    private static double[] measure(Process daemon, Path host)
            throws IOException, InterruptedException {
        AtomicLong heard = new AtomicLong();
        try (OutputStream to = Files.newOutputStream(host);
                InputStream from = Files.newInputStream(host)) {
            Thread.ofPlatform().daemon().start(() -> count(from, heard));
            send(to, new Configure(INTERVAL_MILLIS));
            send(to, new Thresholds(30_000, 1_000_000));
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (heard.get() == 0 && System.nanoTime() < end) {
                Thread.sleep(20);
            }
            double[] shares = new double[SAMPLES];
            for (int i = 0; i < SAMPLES; i++) {
                long bytes = heard.get();
                long worked = workedNanos(daemon);
                long start = System.nanoTime();
                TimeUnit.SECONDS.sleep(SAMPLE_SECONDS);
                shares[i] = (workedNanos(daemon) - worked) / (double) (System.nanoTime() - start);
                if (heard.get() == bytes) {
                    throw new IOException("the daemon says nothing");
                }
            }
            return shares;
        }
    }

    private static void send(OutputStream to, GuestFrame frame) throws IOException {
        to.write(GuestFrameCodec.encode(frame));
        to.flush();
    }

    /// Until the terminal ends.
    private static void count(InputStream from, AtomicLong heard) {
        byte[] bytes = new byte[GuestFrameCodec.MAX_FRAME_BYTES];
        try {
            for (int n = from.read(bytes); n >= 0; n = from.read(bytes)) {
                heard.addAndGet(n);
            }
        } catch (IOException e) {
            // Its other end is closed: the measuring is over.
        }
    }

    /// Time on a processor, in user and kernel; the first number of `/proc/PID/schedstat`.
    private static long workedNanos(Process process) throws IOException {
        String all = Files.readString(Path.of("/proc/" + process.pid() + "/schedstat"));
        return Long.parseLong(all.substring(0, all.indexOf(' ')));
    }
}
