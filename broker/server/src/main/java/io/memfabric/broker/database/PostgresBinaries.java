package io.memfabric.broker.database;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/// The PostgreSQL programs that travel inside the broker, unpacked once into a directory.
final class PostgresBinaries {

    private static final String ARCHIVE = "/postgres-linux-x86_64.txz";

    private static final List<String> PROGRAMS = List.of("postgres", "initdb");

    private final Path home;

    private PostgresBinaries(Path home) {
        this.home = home;
    }

    /// Unpacks the binaries below `parent` unless they are there already. A half-unpacked directory
    /// is never used: the work happens beside and is moved in place when it is complete.
    static PostgresBinaries under(Path parent) throws IOException {
        Path home = parent.resolve("postgresql-" + archiveBytes());
        PostgresBinaries binaries = new PostgresBinaries(home);
        if (!binaries.areComplete()) {
            Files.createDirectories(parent);
            Path work = Files.createTempDirectory(parent, ".unpacking-");
            try {
                unpack(work);
                Files.setPosixFilePermissions(work, permissions(0755));
                moveInPlace(work, home);
            } finally {
                DirectoryTree.delete(work);
            }
            if (!binaries.areComplete()) {
                throw new IOException("the PostgreSQL archive has no programs in it");
            }
        }
        return binaries;
    }

    /// The directory of the programs.
    Path programs() {
        return home.resolve("bin");
    }

    Path program(String name) {
        return programs().resolve(name);
    }

    private boolean areComplete() {
        return PROGRAMS.stream().allMatch(name -> Files.isExecutable(program(name)));
    }

    private static void moveInPlace(Path work, Path home) throws IOException {
        try {
            Files.move(work, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException
                | DirectoryNotEmptyException
                | AtomicMoveNotSupportedException e) {
            if (!Files.isDirectory(home)) {
                throw e;
            }
            // Another broker was quicker; its copy is complete because it too moved it in place.
        }
    }

    /// The archive's size marks its identity: other binaries are unpacked beside these.
    private static long archiveBytes() throws IOException {
        var url = PostgresBinaries.class.getResource(ARCHIVE);
        if (url == null) {
            throw new IOException(
                    "no embedded PostgreSQL for this machine; use --memfabric.db-url");
        }
        var connection = url.openConnection();
        connection.setUseCaches(false);
        long bytes = connection.getContentLengthLong();
        connection.getInputStream().close();
        return bytes;
    }

    private static void unpack(Path into) throws IOException {
        try (InputStream packed = PostgresBinaries.class.getResourceAsStream(ARCHIVE);
                TarArchiveInputStream tar =
                        new TarArchiveInputStream(
                                new XZInputStream(
                                        new BufferedInputStream(
                                                Objects.requireNonNull(packed), 1 << 16)))) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null;
                    entry = tar.getNextEntry()) {
                unpack(tar, entry, into);
            }
        }
    }

    private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path into)
            throws IOException {
        Path path = into.resolve(entry.getName()).normalize();
        if (!path.startsWith(into)) {
            throw new IOException("the PostgreSQL archive leaves its directory");
        }
        Files.createDirectories(
                entry.isDirectory() ? path : Objects.requireNonNull(path.getParent()));
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            Files.createLink(path, into.resolve(entry.getLinkName()));
        } else if (entry.isFile()) {
            Files.copy(tar, path);
            Files.setPosixFilePermissions(path, permissions(entry.getMode() | 0444));
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] all = PosixFilePermission.values();
        for (int bit = 0; bit < all.length; bit++) {
            if ((mode & (0400 >> bit)) != 0) {
                set.add(all[bit]);
            }
        }
        return set;
    }
}
