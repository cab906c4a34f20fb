package io.memfabric.rdma.image;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/// Writes an archive as the kernel takes it for its first root file system: "newc", see
/// Documentation/driver-api/early-userspace/buffer-format.rst. Everything in it belongs to root.
final class Cpio implements AutoCloseable {

    private static final int FOLDER = 0040755;
    private static final int PROGRAM = 0100755;
    private static final int FILE = 0100644;
    private static final int LINK = 0120777;

    private final OutputStream out;
    private final Set<String> folders = new HashSet<>();
    private long written;
    private int inode;

    Cpio(Path file) throws IOException {
        out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20);
    }

    void folder(String place) throws IOException {
        if (!place.isEmpty() && folders.add(place)) {
            parent(place);
            entry(place, FOLDER, new byte[0]);
        }
    }

    void link(String place, String target) throws IOException {
        parent(place);
        entry(place, LINK, target.getBytes(US_ASCII));
    }

    void program(String place, byte[] content) throws IOException {
        parent(place);
        entry(place, PROGRAM, content);
    }

    /// A file, a link or a whole folder as it is on the host.
    void copy(Path from, String place) throws IOException {
        if (Files.isSymbolicLink(from)) {
            link(place, Files.readSymbolicLink(from).toString());
        } else if (Files.isDirectory(from, LinkOption.NOFOLLOW_LINKS)) {
            folder(place);
            try (Stream<Path> files = Files.list(from)) {
                for (Path file : files.sorted().toList()) {
                    copy(file, place + "/" + file.getFileName());
                }
            }
        } else {
            parent(place);
            entry(place, Files.isExecutable(from) ? PROGRAM : FILE, Files.readAllBytes(from));
        }
    }

    private void parent(String place) throws IOException {
        int slash = place.lastIndexOf('/');
        if (slash > 0) {
            folder(place.substring(0, slash));
        }
    }

    private void entry(String place, int mode, byte[] content) throws IOException {
        inode++;
        byte[] name = (place + "\0").getBytes(US_ASCII);
        int links = mode == FOLDER ? 2 : 1;
        int[] fields = {
            inode, mode, 0, 0, links, 0, content.length, 0, 0, 0, 0, name.length, 0,
        };
        StringBuilder header = new StringBuilder("070701");
        for (int field : fields) {
            header.append("%08x".formatted(field));
        }
        write(header.toString().getBytes(US_ASCII));
        write(name);
        pad();
        write(content);
        pad();
    }

    private void write(byte[] bytes) throws IOException {
        out.write(bytes);
        written += bytes.length;
    }

    private void pad() throws IOException {
        write(new byte[(int) (-written & 3)]);
    }

    @Override
    public void close() throws IOException {
        entry("TRAILER!!!", 0, new byte[0]);
        out.close();
    }
}
