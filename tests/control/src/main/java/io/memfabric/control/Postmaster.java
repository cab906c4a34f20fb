package io.memfabric.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The embedded database's main process.
final class Postmaster {

    private Postmaster() {}

    static long pid(Path dataDir) throws IOException {
        return Long.parseLong(
                Files.readAllLines(dataDir.resolve("postgres/postmaster.pid")).getFirst().strip());
    }

    /// Ends it as `kill -9` does, and waits until another one takes connections;
    /// answers nanoTime of that moment.
    static long kill(Path dataDir) throws IOException, InterruptedException {
        long old = pid(dataDir);
        ProcessHandle.of(old).ifPresent(ProcessHandle::destroyForcibly);
        for (int i = 0; i < 3000; i++) {
            if (isReady(dataDir, old)) {
                return System.nanoTime();
            }
            Thread.sleep(20);
        }
        throw new IOException("the database does not come back");
    }

    /// The eighth line of the file says whether it takes connections (PostgreSQL, pidfile.h).
    private static boolean isReady(Path dataDir, long old) {
        try {
            var lines = Files.readAllLines(dataDir.resolve("postgres/postmaster.pid"));
            return lines.size() >= 8
                    && Long.parseLong(lines.getFirst().strip()) != old
                    && lines.get(7).strip().equals("ready");
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }

    /// Waits for the postmaster of a killed broker.
    static void awaitEnd(Path dataDir) throws InterruptedException {
        for (int i = 0; i < 500 && Files.exists(dataDir.resolve("postgres/postmaster.pid")); i++) {
            Thread.sleep(20);
        }
    }
}
