package io.memfabric.rdma.image;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Takes the kernel's ELF file out of the bzImage that it is packed in: QEMU boots it as it is, and
/// an emulated processor would take seconds to unpack it.
final class Kernel {

    private static final byte[] XZ = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0};

    private Kernel() {}

    static Path unpack(Path bzImage, Path cache) throws IOException {
        Path kernel = cache.resolve("vmlinux");
        if (Files.exists(kernel)) {
            return kernel;
        }
        byte[] packed = Files.readAllBytes(bzImage);
        int start = indexOfXz(packed);
        Path xz = cache.resolve("vmlinux.part.xz");
        try (OutputStream out = Files.newOutputStream(xz)) {
            out.write(packed, start, packed.length - start);
        }
        // What follows the packed kernel is no xz: the tool unpacks everything and then complains.
        String unpack = "xz -dcq vmlinux.part.xz >vmlinux.part 2>/dev/null; true";
        Tool.run(cache, List.of("sh", "-c", unpack));
        Path part = cache.resolve("vmlinux.part");
        if (Files.size(part) < packed.length) {
            throw new IOException("the kernel could not be unpacked: is xz-utils installed?");
        }
        Files.delete(xz);
        return Files.move(part, kernel);
    }

    private static int indexOfXz(byte[] bytes) throws IOException {
        for (int at = 0; at + XZ.length <= bytes.length; at++) {
            int match = 0;
            while (match < XZ.length && bytes[at + match] == XZ[match]) {
                match++;
            }
            if (match == XZ.length) {
                return at;
            }
        }
        throw new IOException("the kernel is not packed with xz");
    }
}
