package io.memfabric.lab;

import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.json.JsonMapper;

/// One complete host: a namespace with its own network address, libvirt daemon, agent and VMs.
public final class LabHost {

    private static final JsonMapper JSON = new JsonMapper();

    /// Everything that a host writes lies in memory of its own namespace; the machine's `/run` and
    /// libvirt folders are out of sight.
    private static final String SETUP =
            """
            hostname "$1"
            mount -t tmpfs -o mode=755 lab /run
            mount -t tmpfs -o mode=1777 lab /dev/shm
            mkdir -p /run/lab/{vm,agent,tmp,etc,lib,cache} /run/libvirt
            mount --bind /run/lab/etc /etc/libvirt
            mount --bind /run/lab/lib /var/lib/libvirt
            mount --bind /run/lab/cache /var/cache/libvirt
            mount --bind "$2" /var/log/libvirt
            echo "127.0.0.1 localhost $1" > /run/lab/hosts
            mount --bind /run/lab/hosts /etc/hosts
            ip link set lo up
            """;

    private final String name;
    private final String address;
    private final Namespace namespace;
    private final Libvirtd libvirtd;
    private final LabAgent agent;
    private final Map<String, LabVm> vms = new ConcurrentHashMap<>();

    private LabHost(
            String name, String address, Namespace namespace, Libvirtd libvirtd, LabAgent agent) {
        this.name = name;
        this.address = address;
        this.namespace = namespace;
        this.libvirtd = libvirtd;
        this.agent = agent;
    }

    /// Opens a host in the fabric and starts its libvirt daemon.
    static LabHost open(Namespace fabric, String name, String address, Built built, Path logs) {
        Path own = logs.resolve(name);
        try {
            Files.createDirectories(own);
        } catch (IOException e) {
            throw new LabException("cannot write " + own, e);
        }
        Namespace namespace = Namespace.open(fabric, name, SETUP, own);
        // Into the other's network by the number that the machine knows it by: only the network is
        // entered, not the pid namespace.
        fabric.runInNetwork(
                "ip",
                "link",
                "add",
                "to-" + name,
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                Long.toString(namespace.init()));
        fabric.run("ip", "link", "set", "to-" + name, "master", Lab.BRIDGE, "up");
        namespace.run("ip", "address", "add", address + "/24", "dev", "eth0");
        namespace.run("ip", "link", "set", "eth0", "up");
        Libvirtd libvirtd = new Libvirtd(namespace, own.resolve("libvirtd.out"), built.kept());
        libvirtd.start();
        return new LabHost(
                name,
                address,
                namespace,
                libvirtd,
                new LabAgent(namespace, built, own.resolve("agent.log")));
    }

    public String name() {
        return name;
    }

    public String address() {
        return address;
    }

    public Namespace namespace() {
        return namespace;
    }

    public LabAgent agent() {
        return agent;
    }

    /// What came in over its network since it was opened.
    public MemorySize received() {
        String counters = namespace.run("ip", "-s", "-j", "link", "show", "eth0");
        return MemorySize.ofBytes(
                JSON.readTree(counters).path(0).path("stats64").path("rx").path("bytes").asLong());
    }

    /// The VM of that name.
    public LabVm vm(String vmName) {
        LabVm vm = vms.get(vmName);
        if (vm == null) {
            throw new LabException("host " + name + " has no VM " + vmName);
        }
        return vm;
    }

    /// Starts a VM and waits until its shell answers.
    public LabVm startVm(VmPlan plan, GuestImage image, Accelerator accelerator) {
        LabVm vm = new LabVm(namespace, plan, UUID.randomUUID());
        String xml = "/run/lab/vm/" + plan.name() + ".xml";
        try {
            if (!plan.disk().isZero()) {
                sparse(namespace.path(LabVm.diskFile(plan.name())), plan.disk().bytes());
            }
            Files.writeString(namespace.path(xml), DomainXml.of(plan, vm.id(), image, accelerator));
        } catch (IOException e) {
            throw new LabException("cannot write the VM " + plan.name(), e);
        }
        namespace.run("virsh", "-q", "define", xml);
        namespace.run("virsh", "-q", "start", plan.name());
        vms.put(plan.name(), vm);
        libvirtd.keepCapabilities();
        vm.awaitBoot();
        return vm;
    }

    private static void sparse(Path file, long size) throws IOException {
        try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
            disk.setLength(size);
        }
    }

    /// Destroys a VM and forgets it.
    public void stopVm(String vmName) {
        vm(vmName).stop();
        namespace.run("virsh", "-q", "undefine", vmName);
        vms.remove(vmName);
    }

    /// Ends the libvirt daemon at once, as a crash would; the VMs go on.
    public void killLibvirtd() {
        libvirtd.kill();
    }

    /// Starts the libvirt daemon again.
    public void restartLibvirtd() {
        libvirtd.start();
    }
}
