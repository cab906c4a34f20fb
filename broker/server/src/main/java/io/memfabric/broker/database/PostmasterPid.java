package io.memfabric.broker.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The file in which a postmaster says who it is and how far it has come.
///
/// @param pid its process
/// @param ready whether it accepts connections
record PostmasterPid(long pid, boolean ready) {

    private static final int STATUS_LINE = 7;

    /// What the file in a data directory says, or nothing where there is none or it is just being
    /// written.
    static Optional<PostmasterPid> read(Path data) throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(data.resolve("postmaster.pid"));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        if (lines.isEmpty() || !lines.getFirst().strip().matches("[0-9]{1,9}")) {
            return Optional.empty();
        }
        boolean ready =
                lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
        return Optional.of(new PostmasterPid(Long.parseLong(lines.getFirst().strip()), ready));
    }

    /// Whether the process lives and works in that data directory: a number may have been given to
    /// another process since.
    boolean isPostmasterOf(Path data) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "cwd"))
                    .equals(data.toRealPath());
        } catch (IOException e) {
            return false;
        }
    }

    /// Sends a signal; a process that is gone already is as good.
    static void signal(String name, long pid) {
        try {
            PostgresAccount.run(List.of("kill", "-s", name, Long.toString(pid)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot signal process " + pid, e);
        }
    }
}
