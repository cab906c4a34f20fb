package io.memfabric.rdma.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/// A kernel and a root file system with verbs, perftest, Java and our classes.
///
/// @param kernel an ELF file
/// @param initrd two archives, one after the other: what seldom changes, and what is ours
public record VerbsImage(Path kernel, Path initrd) {

    /// Makes what has changed since the last time.
    ///
    /// @param folder what is fetched and made is kept here from run to run
    /// @param ours files and folders of the host by their place in the image
    /// @throws VerbsUnavailableException where Debian's packages cannot be had
    public static VerbsImage build(Path folder, Map<String, Path> ours)
            throws IOException, VerbsUnavailableException {
        Path cache = Files.createDirectories(folder.resolve(BaseArchive.version()));
        DebianRoot debian = DebianRoot.in(cache);
        Path kernel = Kernel.unpack(debian.bzImage(), cache);
        Path base = BaseArchive.build(debian, cache);
        Path added = cache.resolve("ours.cpio");
        try (Cpio archive = new Cpio(added)) {
            archive.program("init", resource("init"));
            archive.program("tasks", resource("tasks"));
            for (Map.Entry<String, Path> entry : ours.entrySet()) {
                archive.copy(entry.getValue(), entry.getKey());
            }
        }
        Path initrd = cache.resolve("initrd");
        Files.copy(base, initrd, StandardCopyOption.REPLACE_EXISTING);
        try (OutputStream out = Files.newOutputStream(initrd, StandardOpenOption.APPEND)) {
            Files.copy(added, out);
        }
        return new VerbsImage(kernel, initrd);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = VerbsImage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("no resource " + name);
            }
            return in.readAllBytes();
        }
    }
}
