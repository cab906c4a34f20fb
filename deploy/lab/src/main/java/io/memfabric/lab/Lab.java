package io.memfabric.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Several complete hosts and a broker on one machine. Everything runs in namespaces that end with
/// this JVM; nothing of the machine's own libvirt, network or folders is touched.
public final class Lab implements AutoCloseable {

    static final String BRIDGE = "fabric";
    static final String BROKER_ADDRESS = "198.18.0.1";

    /// A network of RFC 2544, which no real network uses.
    private static final String NETWORK = "198.18.0.";

    private static final int FIRST_HOST = 11;

    private static final String SETUP =
            """
            hostname "$1"
            mount -t tmpfs -o mode=755 lab /run
            mount -t tmpfs -o mode=1777 lab /dev/shm
            mkdir -p /run/lab/broker
            mkdir -m 1777 /run/lab/tmp
            echo "127.0.0.1 localhost $1" > /run/lab/hosts
            mount --bind /run/lab/hosts /etc/hosts
            ip link set lo up
            ip link add %1$s type bridge
            ip address add %2$s/24 dev %1$s
            ip link set %1$s up
            """
                    .formatted(BRIDGE, BROKER_ADDRESS);

    private final Built built;
    private final GuestImage image;
    private final Accelerator accelerator;
    private final Namespace fabric;
    private final LabBroker broker;
    private final Map<String, LabHost> hosts = new LinkedHashMap<>();
    private final Thread endOfProgram;

    private Lab(
            Built built,
            GuestImage image,
            Accelerator accelerator,
            LabOptions options,
            Consumer<String> say) {
        this.built = built;
        this.image = image;
        this.accelerator = accelerator;
        this.fabric = Namespace.open(null, "fabric", SETUP, options.logs());
        this.broker = new LabBroker(fabric, built, options.logs());
        this.endOfProgram =
                new Thread(
                        () -> {
                            fabric.close();
                            say.accept("stopped; nothing of the lab is left");
                        },
                        "lab-end");
        Runtime.getRuntime().addShutdownHook(endOfProgram);
    }

    /// Starts the broker, the hosts with their libvirt daemons and agents, and VMs on them.
    ///
    /// @param say takes a line of progress
    /// @throws LabException where a lab cannot start here; nothing is left behind then
    public static Lab start(LabOptions options, List<VmPlan> vms, Consumer<String> say) {
        Lab lab = bare(options, say);
        try {
            lab.broker.start();
            lab.openHosts(options);
            say.accept(options.hosts() + " hosts have a network and a libvirt of their own");
            Parallel parallel = new Parallel();
            parallel.add(
                    () -> {
                        lab.startAgents();
                        say.accept("the broker answers at " + lab.broker.url());
                    });
            for (VmPlan plan : vms) {
                parallel.add(
                        () -> {
                            lab.startVm(plan);
                            say.accept(
                                    "VM `%s` runs on host %s".formatted(plan.name(), plan.host()));
                        });
            }
            parallel.join();
            return lab;
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
    }

    /// Opens the fabric, empty.
    private static Lab bare(LabOptions options, Consumer<String> say) {
        Preconditions.missing()
                .ifPresent(
                        reason -> {
                            throw new LabException(reason);
                        });
        Built built = new Built(options.root()).complete();
        try {
            deleteTree(options.logs());
            Files.createDirectories(options.logs());
        } catch (IOException e) {
            throw new LabException("cannot write " + options.logs(), e);
        }
        GuestImage image = GuestImage.of(built);
        Accelerator accelerator = Accelerator.of(built, image);
        say.accept(accelerator.described());
        return new Lab(built, image, accelerator, options, say);
    }

    private static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private void openHosts(LabOptions options) {
        Parallel parallel = new Parallel();
        List<LabHost> opened = new ArrayList<>();
        for (int i = 0; i < options.hosts(); i++) {
            String name = hostName(i);
            String address = NETWORK + (FIRST_HOST + i);
            parallel.add(
                    () -> {
                        LabHost host = LabHost.open(fabric, name, address, built, options.logs());
                        synchronized (opened) {
                            opened.add(host);
                        }
                    });
        }
        parallel.join();
        opened.sort((x, y) -> x.name().compareTo(y.name()));
        opened.forEach(host -> hosts.put(host.name(), host));
    }

    private void startAgents() {
        broker.awaitReady();
        for (LabHost host : hosts.values()) {
            String token =
                    broker.client()
                            .post("/api/v1/join-tokens", Map.of("hostName", host.name()))
                            .path("token")
                            .asString();
            host.agent().install(host.name(), host.address(), broker.urlInFabric(), token);
            host.agent().start();
        }
    }

    /// The name of the host with that number, from 0: a, b, c, …
    public static String hostName(int number) {
        return Character.toString('a' + number);
    }

    public LabBroker broker() {
        return broker;
    }

    public List<LabHost> hosts() {
        return List.copyOf(hosts.values());
    }

    /// The host of that name.
    public LabHost host(String name) {
        LabHost host = hosts.get(name);
        if (host == null) {
            throw new LabException("there is no host " + name);
        }
        return host;
    }

    /// Starts a VM on a host and waits until its shell answers.
    public LabVm startVm(VmPlan plan) {
        return host(plan.host()).startVm(plan, image, accelerator);
    }

    /// What runs the guests' instructions: `KVM` or `TCG`.
    public String accelerator() {
        return accelerator.name();
    }

    /// Whether the guests' instructions are emulated, which multiplies what they cost.
    public boolean emulated() {
        return accelerator == Accelerator.TCG;
    }

    /// Ends everything.
    @Override
    public void close() {
        fabric.close();
        try {
            Runtime.getRuntime().removeShutdownHook(endOfProgram);
        } catch (IllegalStateException e) {
            // The program is ending already: the hook has run or will, which does no harm.
        }
    }
}
