package io.memfabric.broker.database;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/// A PostgreSQL data directory and the password of its owner.
///
/// @param data the directory that PostgreSQL calls PGDATA
record PostgresCluster(Path data, String password) {

    static final String OWNER = "memfabric";

    /// The cluster in a data directory, made at the first call. A cluster that was only half made,
    /// because the broker was killed meanwhile, is thrown away: it never had a client.
    static PostgresCluster in(Path dataDir, PostgresBinaries binaries, PostgresAccount account)
            throws IOException {
        Path data = dataDir.resolve("postgres");
        Path passwordFile = dataDir.resolve("database-password");
        if (Files.exists(data.resolve("PG_VERSION"))) {
            return new PostgresCluster(data, Files.readString(passwordFile).strip());
        }
        byte[] secret = new byte[24];
        new SecureRandom().nextBytes(secret);
        String password = HexFormat.of().formatHex(secret);
        writePrivately(passwordFile, password + "\n");

        Path work = dataDir.resolve("postgres.new");
        DirectoryTree.delete(work);
        account.privateDirectory(work);
        initialise(work.resolve("data"), password, binaries, account);
        Files.move(work.resolve("data"), data, StandardCopyOption.ATOMIC_MOVE);
        DirectoryTree.delete(work);
        return new PostgresCluster(data, password);
    }

    private static void initialise(
            Path data, String password, PostgresBinaries binaries, PostgresAccount account)
            throws IOException {
        Path passwordFile = data.resolveSibling("password");
        account.privateDirectory(data);
        writePrivately(passwordFile, password + "\n");
        account.own(passwordFile);
        PostgresAccount.Output output =
                PostgresAccount.run(
                        account.command(
                                List.of(
                                        binaries.program("initdb").toString(),
                                        "--pgdata=" + data,
                                        "--username=" + OWNER,
                                        "--pwfile=" + passwordFile,
                                        "--auth=scram-sha-256",
                                        "--encoding=UTF8",
                                        "--locale-provider=builtin",
                                        "--builtin-locale=C.UTF-8",
                                        "--locale=C",
                                        "--data-checksums",
                                        "--no-instructions")));
        if (output.exit() != 0) {
            throw new IOException("initdb failed: " + output.output());
        }
        Files.delete(passwordFile);
    }

    private static void writePrivately(Path file, String content) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(beside);
        Files.createFile(
                beside,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(beside, content);
        try {
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("cannot write " + file, e);
        }
    }
}
