package io.memfabric.agent.hypervisor.libvirt;

import io.memfabric.agent.hypervisor.HypervisorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;

/// Keeps a VM from being saved or moved while it has a disk that libvirt does not know of.
///
/// libvirt would write the VM's state to a file, end the VM, and never be able to start it from that
/// file. QEMU refuses to save a VM that has a node of a format without support for it, and libvirt
/// asks QEMU first: an empty image of the format of Virtual PC, attached to nothing, is such a node.
final class MigrationGuard {

    private static final int DATA = 64 << 10;
    private static final int FOOTER = 512;
    private static final int FIXED = 2;
    private static final long NO_NEXT = -1;
    private static final int CHECKSUM_AT = 64;

    private final QemuMonitor monitor;

    MigrationGuard(QemuMonitor monitor) {
        this.monitor = monitor;
    }

    /// Sets the guard of a disk.
    ///
    /// @param image a file that QEMU can read; it is made and removed again
    void set(UUID vmId, String serial, Path image)
            throws HypervisorException, QemuMonitor.RefusedException {
        try {
            Files.write(image, image());
            monitor.say(
                    vmId,
                    "blockdev-add",
                    Map.of(
                            "node-name",
                            MonitorDisk.guard(serial),
                            "driver",
                            "vpc",
                            "read-only",
                            true,
                            "file",
                            Map.of("driver", "file", "filename", image.toString())));
        } catch (IOException e) {
            throw new HypervisorException(
                    HypervisorException.ATTACH_FAILED, "cannot write " + image, e);
        } finally {
            // QEMU keeps it open.
            deleteQuietly(image);
        }
    }

    private static void deleteQuietly(Path image) {
        try {
            Files.deleteIfExists(image);
        } catch (IOException e) {
            // A leftover of 64 KiB, written over next time.
        }
    }

    /// A fixed image of zeros: the data, then the footer. Source: "Virtual Hard Disk Image Format
    /// Specification", version 1.0, Microsoft.
    static byte[] image() {
        ByteBuffer image = ByteBuffer.allocate(DATA + FOOTER);
        ByteBuffer footer = image.slice(DATA, FOOTER);
        footer.put("conectix".getBytes(StandardCharsets.US_ASCII));
        footer.putInt(2).putInt(0x0001_0000).putLong(NO_NEXT);
        footer.putInt(0);
        footer.put("mfab".getBytes(StandardCharsets.US_ASCII)).putInt(0x0001_0000);
        footer.put("Wi2k".getBytes(StandardCharsets.US_ASCII));
        footer.putLong(DATA).putLong(DATA);
        // 2 cylinders, 4 heads, 16 sectors: 128 sectors of 512 bytes.
        footer.putShort((short) 2).put((byte) 4).put((byte) 16);
        footer.putInt(FIXED);
        int sum = 0;
        for (int at = 0; at < FOOTER; at++) {
            sum += footer.get(at) & 0xff;
        }
        footer.putInt(CHECKSUM_AT, ~sum);
        return image.array();
    }
}
