package io.memfabric.agent.hypervisor.libvirt;

import io.memfabric.agent.hypervisor.AttachedDisk;
import io.memfabric.agent.hypervisor.AttachedDisk.Way;
import io.memfabric.agent.hypervisor.DiskToAttach;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The names and properties of a disk that is plugged in through QEMU's monitor.
///
/// QEMU tells no one what reconnect delay a block node has. The node's name tells it: a node of that
/// name exists only if QEMU took the option, for it refuses options that it does not know.
final class MonitorDisk {

    private static final String DEVICE = "mf-";
    private static final Pattern NODE = Pattern.compile("mf([0-9]{1,6})-(.+)");
    private static final String GUARD = "mfstay-";
    private static final Pattern SOURCE = Pattern.compile("nbd\\+unix:///(.*)\\?socket=(.*)");

    private MonitorDisk() {}

    static String device(String serial) {
        return DEVICE + serial;
    }

    static String node(String serial) {
        return "mf" + DiskXml.RECONNECT_SECONDS + "-" + serial;
    }

    /// The node that keeps QEMU from migrating, see [MigrationGuard].
    static String guard(String serial) {
        return GUARD + serial;
    }

    /// The serial of a device that is one of ours.
    static Optional<String> serialOf(String device) {
        return device.startsWith(DEVICE)
                ? Optional.of(device.substring(DEVICE.length()))
                : Optional.empty();
    }

    static Map<String, ?> nodeToAdd(DiskToAttach disk) {
        Map<String, Object> node = new LinkedHashMap<>();
        node.put("node-name", node(disk.serial()));
        node.put("driver", "nbd");
        node.put("server", Map.of("type", "unix", "path", disk.socket().toString()));
        node.put("export", disk.exportName());
        node.put("reconnect-delay", DiskXml.RECONNECT_SECONDS);
        node.put("discard", "unmap");
        node.put("detect-zeroes", "off");
        node.put("cache", Map.of("direct", true, "no-flush", false));
        return node;
    }

    static Map<String, ?> deviceToAdd(String serial, String bus) {
        Map<String, Object> device = new LinkedHashMap<>();
        device.put("driver", "virtio-blk-pci");
        device.put("id", device(serial));
        device.put("bus", bus);
        device.put("drive", node(serial));
        device.put("serial", serial);
        device.put("werror", "stop");
        device.put("rerror", "stop");
        device.put("discard", true);
        device.put("num-queues", 1);
        device.put("write-cache", "on");
        return device;
    }

    /// A disk as QEMU shows it.
    ///
    /// @param block what `query-named-block-nodes` says of its node, or null where there is none
    static AttachedDisk attached(
            String device, String serial, String werror, String rerror, @Nullable JsonNode block) {
        Path socket = null;
        String export = "";
        Integer delay = null;
        if (block != null) {
            Matcher source = SOURCE.matcher(block.path("file").asString(""));
            if (source.matches()) {
                export = source.group(1);
                socket = Path.of(source.group(2));
            }
            Matcher name = NODE.matcher(block.path("node-name").asString(""));
            if (name.matches() && name.group(2).equals(serial)) {
                delay = Integer.valueOf(name.group(1));
            }
        }
        return new AttachedDisk(device, serial, socket, export, werror, rerror, delay, Way.MONITOR);
    }
}
