package io.memfabric.agent;

import io.memfabric.agent.borrowing.DiskClients;
import io.memfabric.agent.borrowing.Leg;
import io.memfabric.agent.borrowing.RemoteBorrowing;
import io.memfabric.agent.certificate.HostCertificates;
import io.memfabric.agent.command.GrantRecovery;
import io.memfabric.agent.command.HeldGrants;
import io.memfabric.agent.hostmemory.MemoryInfo;
import io.memfabric.agent.hostmemory.QemuProcesses;
import io.memfabric.agent.hypervisor.libvirt.LibvirtHypervisor;
import io.memfabric.agent.lending.RegionLending;
import io.memfabric.agent.lending.SpillFolder;
import io.memfabric.agent.lending.tcp.TcpRegionServer;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.agent.rdma.RdmaCheck;
import io.memfabric.agent.settings.AgentSettings;
import io.memfabric.agent.settings.SettingsException;
import io.memfabric.agent.settings.SpillSettings;
import io.memfabric.agent.systemd.Supervisor;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/// The agent's process: reads its settings, starts its parts, and stops them on SIGTERM.
public final class Main {

    /// `EX_USAGE`, `EX_OSERR` and `EX_CONFIG` of sysexits.h.
    private static final int BAD_USAGE = 64;

    private static final int CANNOT_START = 71;
    private static final int BAD_SETTINGS = 78;

    /// One line a record; journald and a file both get the time from it.
    private static final String LOG_LINE = "%1$tFT%1$tT.%1$tL %4$-7s %3$s %5$s%6$s%n";

    private static final String USAGE =
            """
            usage: memfabric-agent --settings FILE
                   memfabric-agent rdma-check [LIBRARY]

            The host agent of memfabric: takes idle memory out of this host's VMs, lends it to
            other hosts, and gives VMs memory that other hosts lend. FILE is a Java properties
            file with these keys:

            """;

    private static final String RDMA_CHECK = "rdma-check";

    /// How long the start waits for grants that are held. VMs wait for them, the rest can wait too.
    private static final Duration RECOVERY = Duration.ofSeconds(2);

    private Main() {}

    public static void main(String[] args) {
        if (args.length == 1 && args[0].equals("--help")) {
            System.out.print(USAGE + AgentSettings.help());
            return;
        }
        if (args.length >= 1 && args.length <= 2 && args[0].equals(RDMA_CHECK)) {
            checkRdma(args.length == 2 ? Optional.of(Path.of(args[1])) : Optional.empty());
            return;
        }
        if (args.length != 2 || !args[0].equals("--settings")) {
            end(BAD_USAGE, "usage: memfabric-agent --settings FILE (or --help)");
            return;
        }
        System.setProperty("java.util.logging.SimpleFormatter.format", LOG_LINE);
        try {
            start(AgentSettings.load(Path.of(args[1]), hostMemory()));
        } catch (SettingsException e) {
            end(BAD_SETTINGS, String.valueOf(e.getMessage()));
        } catch (IOException | UncheckedIOException e) {
            end(CANNOT_START, String.valueOf(e.getMessage()));
        }
    }

    /// Whether this host can do RDMA, a line for each thing that it takes.
    private static void checkRdma(Optional<Path> library) {
        try {
            System.exit(RdmaCheck.run(library, System.out));
        } catch (IOException e) {
            end(CANNOT_START, String.valueOf(e.getMessage()));
        }
    }

    private static MemorySize hostMemory() throws IOException {
        return new MemorySize(MemoryInfo.read(Path.of("/proc")).totalBytes());
    }

    private static void start(AgentSettings settings) throws IOException {
        makeFolder(settings.stateDir());
        makeFolder(settings.runDir());
        HostCertificates certificates =
                HostCertificates.load(
                        settings.stateDir().resolve("certificate.pem"), InstantSource.system());
        DataSecurity security = security(settings, certificates);
        Transports transports = Transports.find(security, settings.rdma());
        Leg.Transport legs = transports.legs();
        RemoteBorrowing borrowing =
                settings.sealing()
                        ? RemoteBorrowing.open(settings.runDir(), legs, clients(settings))
                        : RemoteBorrowing.openUnsealed(settings.runDir(), legs, clients(settings));
        HeldGrants grants = HeldGrants.load(settings.stateDir().resolve("grants.json"));
        GrantRecovery recovery = new GrantRecovery(borrowing, grants);
        // Before the grants: what was spilled is among what their devices are made of.
        RegionLending lending =
                RegionLending.open(
                        settings.dataListen(),
                        new TcpRegionServer.TcpTransport(security),
                        spill(settings));
        // Before all else: the guests of held grants stand still until their pages are served.
        recovery.begin(RECOVERY);
        warnOfTrust(settings);
        Optional<String> rdmaAddress = transports.serve(lending);
        Agent agent =
                new Agent(
                        settings,
                        certificates,
                        new LibvirtHypervisor(settings.libvirtUri()),
                        lending,
                        new Agent.BorrowingSide(borrowing, grants, recovery),
                        new RoundTripSide(transports.watch(), rdmaAddress, transports.ways()));
        Supervisor manager = Supervisor.ofThisProcess();
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform()
                                .name("stop")
                                .unstarted(
                                        () -> {
                                            manager.stopping();
                                            agent.close();
                                        }));
        agent.start();
        manager.ready();
        manager.watchdog().ifPresent(limit -> feed(manager, limit));
        System.getLogger(Main.class.getName())
                .log(
                        Level.INFO,
                        "agent {0} of host {1}, regions at {2}{3}",
                        AgentVersion.VALUE,
                        settings.hostName(),
                        settings.dataAdvertise(),
                        rdmaAddress.map(there -> " and over RDMA at " + there).orElse(""));
    }

    private static Optional<SpillFolder> spill(AgentSettings settings) throws IOException {
        if (settings.spill().isEmpty()) {
            return Optional.empty();
        }
        SpillSettings wanted = settings.spill().get();
        return Optional.of(SpillFolder.open(wanted.dir(), wanted.size()));
    }

    private static DataSecurity security(AgentSettings settings, HostCertificates certificates) {
        if (settings.mutualTls()) {
            return new DataSecurity.MutualTls(certificates);
        }
        return new DataSecurity.TrustedNetwork();
    }

    private static void warnOfTrust(AgentSettings settings) {
        if (!settings.mutualTls()) {
            System.getLogger(Main.class.getName())
                    .log(
                            Level.WARNING,
                            "data.security is trusted-network: whoever reaches {0} can disturb what is"
                                    + " lent",
                            settings.dataAdvertise());
        }
    }

    private static DiskClients clients(AgentSettings settings) {
        QemuProcesses processes = new QemuProcesses(Path.of("/proc"));
        return settings.anyClient() ? DiskClients.ANY : new QemuClients(processes);
    }

    /// Says often enough that this process lives. It shows a process that is stopped or starved, not
    /// one part of it that hangs.
    private static void feed(Supervisor manager, Duration limit) {
        Thread.ofPlatform()
                .daemon()
                .name("watchdog")
                .start(
                        () -> {
                            while (true) {
                                manager.alive();
                                LockSupport.parkNanos(limit.toNanos() / 3);
                            }
                        });
    }

    /// Makes the folder for this user alone. Others must not be able to put their own files into one
    /// that is there: QEMU would be sent to their sockets.
    private static void makeFolder(Path folder) throws IOException {
        Files.createDirectories(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
        if (permissions.contains(PosixFilePermission.OTHERS_WRITE)
                || permissions.contains(PosixFilePermission.GROUP_WRITE)) {
            throw new IOException(folder + " can be written by others than its owner");
        }
    }

    /// Threads of parts that were opened already would keep the process alive: it ends here.
    private static void end(int status, String line) {
        System.err.println("memfabric-agent: " + line);
        System.exit(status);
    }
}
