package io.memfabric.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// PostgreSQL's own load generator, run on a broker's embedded database.
final class Pgbench {

    static final String OWNER = "memfabric";
    private static final Pattern RATE =
            Pattern.compile("tps = ([0-9.]+) \\(without initial connection time\\)");

    private Pgbench() {}

    /// Runs a script, and answers its transactions a second.
    static double run(Path dataDir, Path script, int clients, int each)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(
                        List.of(
                                "pgbench",
                                "-n",
                                "-M",
                                "prepared",
                                "-c",
                                Integer.toString(clients),
                                "-j",
                                "2",
                                "-t",
                                Integer.toString(each),
                                "-f",
                                script.toString(),
                                "-h",
                                "127.0.0.1",
                                "-p",
                                Integer.toString(port(dataDir)),
                                "-U",
                                OWNER,
                                "postgres"));
        builder.environment().put("PGPASSWORD", password(dataDir));
        Process process = builder.redirectErrorStream(true).start();
        String output =
                new String(
                        process.getInputStream().readAllBytes(),
                        java.nio.charset.StandardCharsets.UTF_8);
        Matcher rate = RATE.matcher(output);
        if (process.waitFor() != 0
                || !output.contains("processed: %d/%1$d".formatted(clients * each))
                || !rate.find()) {
            throw new IOException("pgbench:\n" + output);
        }
        return Double.parseDouble(rate.group(1));
    }

    static int port(Path dataDir) throws IOException {
        return Integer.parseInt(
                Files.readAllLines(dataDir.resolve("postgres/postmaster.pid")).get(3).strip());
    }

    static String password(Path dataDir) throws IOException {
        return Files.readString(dataDir.resolve("database-password")).strip();
    }
}
