package io.memfabric.broker.database;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// The account that PostgreSQL runs under. PostgreSQL refuses to run as root, so a broker that runs
/// as root hands it to another account through `setpriv`.
sealed interface PostgresAccount {

    /// The broker's own account.
    record Own() implements PostgresAccount {
        @Override
        public List<String> switches() {
            return List.of();
        }

        @Override
        public void checkEnterable(Path directory) {}

        @Override
        public void own(Path path) {}
    }

    /// Another account, by its numbers.
    record Other(String name, int uid, int gid) implements PostgresAccount {
        @Override
        public List<String> switches() {
            return List.of("--reuid=" + uid, "--regid=" + gid, "--clear-groups");
        }

        @Override
        public void checkEnterable(Path directory) throws IOException {
            if (run(command(List.of("test", "-x", directory.toString()))).exit() == 0) {
                return;
            }
            Path closed = directory;
            for (Path part = directory; part != null; part = part.getParent()) {
                if (run(command(List.of("test", "-x", part.toString()))).exit() != 0) {
                    closed = part;
                }
            }
            throw new IOException(
                    ("account %s, under which PostgreSQL runs because the broker runs as root,"
                                    + " cannot enter %s; choose another memfabric.data-dir")
                            .formatted(name, closed));
        }

        @Override
        public void own(Path path) throws IOException {
            Files.setAttribute(path, "unix:uid", uid);
            Files.setAttribute(path, "unix:gid", gid);
        }
    }

    /// The account to use: the broker's own, or `wanted` where the broker runs as root.
    static PostgresAccount choose(String wanted) throws IOException {
        if (!run(List.of("id", "-u")).output().equals("0")) {
            return new Own();
        }
        Output uid = run(List.of("id", "-u", "--", wanted));
        Output gid = run(List.of("id", "-g", "--", wanted));
        if (uid.exit() != 0 || gid.exit() != 0 || uid.output().equals("0")) {
            throw new IOException(
                    "memfabric.postgres.user is not an account without privileges: " + wanted);
        }
        return new Other(wanted, Integer.parseInt(uid.output()), Integer.parseInt(gid.output()));
    }

    /// The options of `setpriv` that change to the account.
    List<String> switches();

    /// Fails with a clear sentence where the account cannot enter a directory.
    void checkEnterable(Path directory) throws IOException;

    /// Gives a file or directory to the account.
    void own(Path path) throws IOException;

    /// The command line that runs a program under the account, in a session of its own so that a
    /// Ctrl-C in the broker's terminal does not reach it. The program is interrupted when the thread
    /// that started it ends, and so even after a `kill -9` of the broker.
    default List<String> command(List<String> program) {
        List<String> words = new ArrayList<>(List.of("setsid", "setpriv", "--pdeathsig=INT"));
        words.addAll(switches());
        words.add("--");
        words.addAll(program);
        return words;
    }

    /// Makes a directory that only the account can read.
    default void privateDirectory(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(
                directory,
                Set.of(
                        PosixFilePermission.OWNER_READ,
                        PosixFilePermission.OWNER_WRITE,
                        PosixFilePermission.OWNER_EXECUTE));
        own(directory);
    }

    /// What a short program printed and how it ended.
    record Output(int exit, String output) {}

    /// Runs a short program to its end, at most a minute.
    static Output run(List<String> command) throws IOException {
        Process process =
                new ProcessBuilder(command)
                        .directory(Path.of("/").toFile())
                        .redirectErrorStream(true)
                        .start();
        process.getOutputStream().close();
        try {
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                throw new IOException(command.getFirst() + " did not end within a minute");
            }
            return new Output(process.exitValue(), output.strip());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + command.getFirst() + " ran", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
