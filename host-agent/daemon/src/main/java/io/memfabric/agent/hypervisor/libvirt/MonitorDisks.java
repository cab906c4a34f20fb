package io.memfabric.agent.hypervisor.libvirt;

import io.memfabric.agent.hypervisor.AttachedDisk;
import io.memfabric.agent.hypervisor.DiskToAttach;
import io.memfabric.agent.hypervisor.HypervisorException;
import io.memfabric.agent.hypervisor.libvirt.QemuMonitor.RefusedException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// Disks that are plugged in through QEMU's monitor, because libvirt cannot give a disk the reconnect
/// delay without which a restart of the server is an error for the guest. libvirt does not know
/// them: what QEMU shows is all there is.
final class MonitorDisks {

    private static final System.Logger LOG = System.getLogger(MonitorDisks.class.getName());
    private static final String DEVICES = "/machine/peripheral";

    private final QemuMonitor monitor;
    private final MigrationGuard guard;

    MonitorDisks(QemuMonitor monitor) {
        this.monitor = monitor;
        this.guard = new MigrationGuard(monitor);
    }

    /// Our disks in a running VM.
    List<AttachedDisk> list(UUID vmId) throws HypervisorException {
        List<AttachedDisk> disks = new ArrayList<>();
        List<String> ours =
                children(vmId, DEVICES).keySet().stream()
                        .filter(name -> MonitorDisk.serialOf(name).isPresent())
                        .toList();
        if (ours.isEmpty()) {
            return disks;
        }
        Map<String, JsonNode> nodes = nodes(vmId);
        for (String device : ours) {
            try {
                disks.add(
                        MonitorDisk.attached(
                                device,
                                property(vmId, device, "serial"),
                                property(vmId, device, "werror"),
                                property(vmId, device, "rerror"),
                                nodes.get(property(vmId, device, "drive"))));
            } catch (RefusedException e) {
                LOG.log(Level.DEBUG, "{0} went away between two questions: {1}", device, e);
            }
        }
        return disks;
    }

    /// Plugs a disk in; the caller looks at what came of it.
    ///
    /// @throws RefusedException where QEMU refuses; nothing is left then
    void attach(UUID vmId, DiskToAttach disk, Set<String> portsInUse)
            throws HypervisorException, RefusedException {
        String serial = disk.serial();
        removeNodes(vmId, serial);
        String bus = freeBus(vmId, portsInUse);
        try {
            monitor.say(vmId, "blockdev-add", MonitorDisk.nodeToAdd(disk));
            guard.set(vmId, serial, disk.socket().resolveSibling("stay.vhd"));
            monitor.say(vmId, "device_add", MonitorDisk.deviceToAdd(serial, bus));
        } catch (RefusedException e) {
            removeNodes(vmId, serial);
            throw e;
        }
    }

    /// Asks the guest to let go of the device.
    void requestRemoval(UUID vmId, String serial) throws HypervisorException, RefusedException {
        monitor.say(vmId, "device_del", Map.of("id", MonitorDisk.device(serial)));
    }

    /// Removes what is left of a disk whose device is gone, or answers why it cannot be.
    Optional<String> removeNodes(UUID vmId, String serial) throws HypervisorException {
        Optional<String> obstacle = Optional.empty();
        for (String node : nodes(vmId).keySet()) {
            if (node.equals(MonitorDisk.guard(serial)) || node.matches("mf[0-9]+-" + serial)) {
                try {
                    monitor.say(vmId, "blockdev-del", Map.of("node-name", node));
                } catch (RefusedException e) {
                    obstacle = Optional.of(String.valueOf(e.getMessage()));
                }
            }
        }
        return obstacle;
    }

    /// A PCIe root port without a device. The last one: libvirt takes the first, and knows nothing of
    /// ours.
    private String freeBus(UUID vmId, Set<String> portsInUse)
            throws HypervisorException, RefusedException {
        List<String> ports =
                children(vmId, DEVICES).entrySet().stream()
                        .filter(child -> child.getValue().equals("child<pcie-root-port>"))
                        .map(Map.Entry::getKey)
                        .filter(port -> !portsInUse.contains(port))
                        .sorted((a, b) -> portNumber(b) - portNumber(a))
                        .toList();
        for (String port : ports) {
            boolean isFree =
                    children(vmId, DEVICES + "/" + port + "/" + port).keySet().stream()
                            .noneMatch(name -> name.startsWith("child["));
            if (isFree) {
                return port;
            }
        }
        throw new RefusedException("the VM has no PCIe root port to spare");
    }

    private static int portNumber(String port) {
        String digits = port.replaceAll("[^0-9]", "");
        return digits.isEmpty() || digits.length() > 6 ? 0 : Integer.parseInt(digits);
    }

    private Map<String, String> children(UUID vmId, String path) throws HypervisorException {
        Map<String, String> children = new HashMap<>();
        for (JsonNode child : monitor.ask(vmId, "qom-list", Map.of("path", path))) {
            children.put(child.path("name").asString(""), child.path("type").asString(""));
        }
        return children;
    }

    private String property(UUID vmId, String device, String name)
            throws HypervisorException, RefusedException {
        return monitor.say(
                        vmId, "qom-get", Map.of("path", DEVICES + "/" + device, "property", name))
                .asString("");
    }

    private Map<String, JsonNode> nodes(UUID vmId) throws HypervisorException {
        return monitor.ask(vmId, "query-named-block-nodes", Map.of("flat", true))
                .valueStream()
                .collect(
                        Collectors.toMap(
                                node -> node.path("node-name").asString(""), node -> node));
    }
}
