package io.memfabric.rdma.inside;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The tools of perftest that our reads are measured beside.
///
/// @param tool its name
/// @param size bytes of each read
/// @param reads how many
/// @param column where in its line of figures the one lies that counts
/// @param port of its own connection
record Perftest(String tool, int size, int reads, int column, int port) {

    /// Microseconds of a page's read, typically.
    static final Perftest LATENCY = new Perftest("ib_read_lat", 4096, 500, 4, 18515);

    /// MiB a second of large reads, on the average.
    static final Perftest BANDWIDTH = new Perftest("ib_read_bw", 64 << 10, 400, 3, 18516);

    private static final int TRIES = 50;

    /// Asks the other side's, which ends with each client and is started again.
    double ask(String server) throws IOException, InterruptedException {
        IOException failure = new IOException(tool + " has not run");
        for (int tries = 0; tries < TRIES; tries++) {
            Process process = start(List.of(server));
            String said = new String(process.getInputStream().readAllBytes(), US_ASCII);
            if (process.waitFor() == 0) {
                return figure(said);
            }
            failure = new IOException(tool + ": " + said.strip());
            Thread.sleep(200);
        }
        throw failure;
    }

    /// Serves one client after the other for as long as this process lives.
    void serve() {
        Thread.ofPlatform().daemon().name(tool).start(this::serveOn);
    }

    private void serveOn() {
        while (true) {
            try {
                Process process = start(List.of());
                process.getInputStream().readAllBytes();
                if (process.waitFor() != 0) {
                    Thread.sleep(100);
                }
            } catch (IOException e) {
                throw new IllegalStateException(tool + " cannot be started", e);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private Process start(List<String> more) throws IOException {
        List<String> command = new ArrayList<>(List.of(tool, "-F", "-d", Place.DEVICE));
        command.addAll(List.of("-x", Place.GID, "-s", String.valueOf(size)));
        command.addAll(List.of("-n", String.valueOf(reads), "-p", String.valueOf(port)));
        command.addAll(more);
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /// One of the columns of the line that begins with the size.
    private double figure(String said) throws IOException {
        for (String line : said.lines().toList()) {
            String[] words = line.strip().split("\\s+", -1);
            if (words.length > column && words[0].equals(String.valueOf(size))) {
                return Double.parseDouble(words[column]);
            }
        }
        throw new IOException(tool + " printed no figure: " + said.strip());
    }
}
