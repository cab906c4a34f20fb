package io.memfabric.agent.hypervisor.libvirt;

import io.memfabric.agent.hypervisor.AttachedDisk;
import io.memfabric.agent.hypervisor.DiskToAttach;
import java.nio.file.Path;

/// Writes the XML of disks for libvirt.
final class DiskXml {

    /// Longer than any restart of the server.
    static final int RECONNECT_SECONDS = 300;

    private DiskXml() {}

    /// A disk that pauses the VM rather than hand its guest an error: a read error on swap kills.
    static String toAttach(DiskToAttach disk, String target) {
        return """
        <disk type='network' device='disk'>
          <driver name='qemu' type='raw' cache='none' \
        error_policy='stop' rerror_policy='stop' discard='unmap'/>
          <source protocol='nbd' name='%s'>
            <host transport='unix' socket='%s'/>
            <reconnect delay='%d'/>
          </source>
          <target dev='%s' bus='virtio'/>
          <serial>%s</serial>
        </disk>
        """
                .formatted(
                        escaped(disk.exportName()),
                        escaped(disk.socket().toString()),
                        RECONNECT_SECONDS,
                        escaped(target),
                        escaped(disk.serial()));
    }

    /// A VM that is never started, for libvirt to say with which words it would start QEMU.
    static String toProbe() {
        return """
        <domain type='qemu'>
          <name>probe</name>
          <memory unit='MiB'>64</memory>
          <os><type arch='%s'>hvm</type></os>
          <devices>
            %s
          </devices>
        </domain>
        """
                .formatted(
                        System.getProperty("os.arch").replace("amd64", "x86_64"),
                        toAttach(new DiskToAttach("probe", Path.of("/probe"), "probe"), "vda"));
    }

    /// libvirt finds the disk to be removed by its target; the rest has to be there and well-formed.
    static String toDetach(AttachedDisk disk) {
        return """
        <disk type='network' device='disk'>
          <source protocol='nbd' name='%s'>
            <host transport='unix' socket='%s'/>
          </source>
          <target dev='%s' bus='virtio'/>
          <serial>%s</serial>
        </disk>
        """
                .formatted(
                        escaped(disk.exportName()),
                        escaped(String.valueOf(disk.socket())),
                        escaped(disk.target()),
                        escaped(disk.serial()));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&apos;")
                .replace("\"", "&quot;");
    }
}
