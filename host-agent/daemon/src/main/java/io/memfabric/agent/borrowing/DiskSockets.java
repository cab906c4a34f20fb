package io.memfabric.agent.borrowing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;

/// Where the sockets of devices lie: each in a folder that only this account can enter.
final class DiskSockets {

    /// What `sun_path` takes, with its last byte zero: unix(7).
    private static final int MAX_PATH = 107;

    private final Path runDir;

    DiskSockets(Path runDir) {
        this.runDir = runDir;
    }

    Path of(UUID grantId) {
        return runDir.resolve(grantId.toString()).resolve("disk.sock");
    }

    /// Makes the folder of a socket, and answers where the socket is to be.
    Path prepare(UUID grantId) throws BorrowingException {
        Path socket = of(grantId);
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH) {
            throw new BorrowingException(
                    "socket_path_too_long",
                    "a unix socket's path has at most 107 bytes: shorten run.dir " + runDir,
                    null);
        }
        Path folder = runDir.resolve(grantId.toString());
        try {
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectories(runDir);
                Files.createDirectory(folder);
            }
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            return socket;
        } catch (IOException e) {
            throw new BorrowingException(
                    "socket_unavailable", "cannot make the folder " + folder, e);
        }
    }
}
