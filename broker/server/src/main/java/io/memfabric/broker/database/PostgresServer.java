package io.memfabric.broker.database;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How the postmaster of a cluster is started.
record PostgresServer(PostgresBinaries binaries, PostgresCluster cluster, PostgresAccount account) {

    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration LOOK = Duration.ofMillis(10);

    private static final List<String> SETTINGS =
            List.of(
                    "listen_addresses=127.0.0.1",
                    "unix_socket_directories=",
                    "max_connections=60",
                    "shared_buffers=64MB",
                    "fsync=on",
                    "synchronous_commit=on",
                    "full_page_writes=on",
                    "log_min_messages=warning",
                    "log_statement=none",
                    "log_min_duration_statement=2s",
                    "log_parameter_max_length=0",
                    "log_parameter_max_length_on_error=0");

    PostgresProcess launch(int port) throws IOException {
        List<String> words = new ArrayList<>();
        words.add(binaries.program("postgres").toString());
        words.addAll(List.of("-D", cluster.data().toString(), "-c", "port=" + port));
        SETTINGS.forEach(setting -> words.addAll(List.of("-c", setting)));
        return PostgresProcess.start(account.command(words));
    }

    /// Waits until it accepts connections; false where it ends instead.
    boolean awaitReady(PostgresProcess process) throws IOException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (process.isAlive()) {
            Optional<PostmasterPid> status = PostmasterPid.read(cluster.data());
            if (status.isPresent() && status.get().ready() && status.get().pid() == process.pid()) {
                return true;
            }
            if (System.nanoTime() > deadline) {
                process.stop();
                throw new IOException("PostgreSQL is not ready after " + START_LIMIT);
            }
            pause(LOOK);
        }
        return false;
    }

    static void pause(Duration time) throws IOException {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while PostgreSQL started", e);
        }
    }
}
