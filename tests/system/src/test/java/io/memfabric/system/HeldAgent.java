package io.memfabric.system;

import io.memfabric.agent.lending.RegionLending;
import io.memfabric.contract.agent.AttachGrant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.json.JsonMapper;

/// A real agent in the hands of a real holder. It has a grant in its books as if it had attached it,
/// libvirt's test driver as hypervisor, and no broker.
final class HeldAgent implements AutoCloseable {

    static final String JAVA = Path.of(System.getProperty("java.home"), "bin/java").toString();

    private final Process holder;
    private final Path log;
    private final int port;

    private HeldAgent(Process holder, Path log, int port) {
        this.holder = holder;
        this.log = log;
        this.port = port;
    }

    /// How the agent runs.
    ///
    /// @param broker where its broker is; nobody answers at port 9
    /// @param spillBytes how much it may keep on its disk, 0 for nothing
    /// @param sealed whether the grant's pages are sealed: then a first process opens it, as an agent
    ///     would that attaches it, and leaves to the agent what it kept
    record Mode(String broker, boolean sealed, String log, long spillBytes) {

        Mode(String broker, boolean sealed, String log) {
            this(broker, sealed, log, 0);
        }
    }

    static HeldAgent start(Path folder, AttachGrant plan, Mode mode) throws IOException {
        Path state = Files.createDirectories(folder.resolve("state"));
        JsonMapper json = JsonMapper.builder().build();
        Files.write(
                state.resolve("grants.json"),
                json.writeValueAsBytes(
                        List.of(
                                Map.of(
                                        "grantId",
                                        plan.grantId(),
                                        "epoch",
                                        plan.epoch(),
                                        "vmId",
                                        plan.vmId(),
                                        "serial",
                                        plan.serial(),
                                        "mode",
                                        plan.mode(),
                                        "phase",
                                        "ATTACHED",
                                        "plan",
                                        json.readTree(
                                                json.writerFor(AttachGrant.class)
                                                        .writeValueAsBytes(plan))))));
        Path token = Files.writeString(folder.resolve("token"), "join-token\n");
        Path identity =
                Files.write(
                        state.resolve("identity.json"),
                        json.writeValueAsBytes(
                                Map.of("hostId", UUID.randomUUID(), "agentToken", "token-token")));
        Files.setPosixFilePermissions(identity, PosixFilePermissions.fromString("rw-------"));
        int port = freePort();
        String spill =
                mode.spillBytes() == 0
                        ? ""
                        : "spill.dir=%s\nspill.bytes=%d\n"
                                .formatted(spillFolder(folder), mode.spillBytes());
        Path settings =
                Files.writeString(
                        folder.resolve("agent.properties"),
                        """
                        host.name=borrower
                        broker.url=%s
                        broker.security=trusted-network
                        broker.join-token-file=%s
                        state.dir=%s
                        run.dir=%s
                        data.listen=127.0.0.1:%d
                        libvirt.uri=test:///default
                        borrow.sealing=%s
                        borrow.clients=any
                        data.security=trusted-network
                        %s"""
                                .formatted(
                                        mode.broker(),
                                        token,
                                        state,
                                        folder.resolve("run"),
                                        port,
                                        mode.sealed() ? "on" : "off",
                                        spill));
        Path log = Path.of("target", mode.log()).toAbsolutePath();
        Path root = root();
        Process holder =
                new ProcessBuilder(
                                root.resolve("deploy/lab/target/holder").toString(),
                                "-d",
                                "20",
                                "--",
                                script(folder, plan, mode).toString(),
                                JAVA,
                                "-Xms48m",
                                "-Xmn32m",
                                "-Xmx80m",
                                "-XX:+UseSerialGC",
                                "-XX:+UseCompactObjectHeaders",
                                "-XX:TrimNativeHeapInterval=10000",
                                "--enable-native-access=ALL-UNNAMED",
                                "-jar",
                                agentJar().toString(),
                                "--settings",
                                settings.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(Redirect.to(log.toFile()))
                        .start();
        return new HeldAgent(holder, log, port);
    }

    /// Runs the opener the first time, if the grant is to be opened, and what it is told from then on.
    private static Path script(Path folder, AttachGrant plan, Mode mode) throws IOException {
        Path opened = folder.resolve("opened");
        if (!mode.sealed()) {
            Files.createFile(opened);
        }
        JsonMapper json = JsonMapper.builder().build();
        Path planFile =
                Files.write(
                        folder.resolve("plan.json"),
                        json.writerFor(AttachGrant.class).writeValueAsBytes(plan));
        Path script =
                Files.writeString(
                        folder.resolve("run-agent"),
                        """
                        #!/bin/sh
                        if [ -e %1$s ]; then
                            exec "$@"
                        fi
                        touch %1$s
                        exec %2$s --enable-native-access=ALL-UNNAMED -cp %3$s:%4$s %5$s %6$s %7$s
                        """
                                .formatted(
                                        opened,
                                        JAVA,
                                        classes(),
                                        agentJar(),
                                        GrantOpener.class.getName(),
                                        planFile,
                                        folder.resolve("run")));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }

    /// Where this module's classes are.
    static Path classes() {
        try {
            return Path.of(
                    HeldAgent.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static Path agentJar() {
        return root().resolve("host-agent/daemon/target/memfabric-agent.jar");
    }

    private static int freePort() throws IOException {
        try (java.net.ServerSocket any = new java.net.ServerSocket(0)) {
            return any.getLocalPort();
        }
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("deploy/lab"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException("not inside the repository");
            }
        }
        return folder;
    }

    /// Where an agent in this folder keeps what it spills.
    static Path spillFolder(Path folder) {
        return folder.resolve("spill");
    }

    /// Where it serves regions.
    String dataAddress() {
        return "127.0.0.1:" + port;
    }

    Optional<ProcessHandle> agent() {
        return holder.children().findFirst();
    }

    long logged(String text) {
        try (var lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(text)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        Optional<ProcessHandle> agent = agent();
        holder.destroy();
        try {
            if (!holder.waitFor(20, TimeUnit.SECONDS)) {
                agent.ifPresent(ProcessHandle::destroyForcibly);
                holder.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static String address(RegionLending lending) {
        return lending.address().getAddress().getHostAddress() + ":" + lending.address().getPort();
    }
}
