package io.memfabric.system;

import io.memfabric.agent.lending.RegionLending;
import io.memfabric.contract.agent.AttachGrant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.json.JsonMapper;

/// A real agent in the hands of a real holder. It has a grant in its books as if it had attached it,
/// libvirt's test driver as hypervisor, and no broker.
final class HeldAgent implements AutoCloseable {

    private final Process holder;
    private final Path log;

    private HeldAgent(Process holder, Path log) {
        this.holder = holder;
        this.log = log;
    }

    static HeldAgent start(Path folder, AttachGrant plan) throws IOException {
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
        Path token = Files.writeString(folder.resolve("token"), "none\n");
        Path settings =
                Files.writeString(
                        folder.resolve("agent.properties"),
                        """
                        host.name=borrower
                        broker.url=http://127.0.0.1:9
                        broker.join-token-file=%s
                        state.dir=%s
                        run.dir=%s
                        data.listen=127.0.0.1:%d
                        libvirt.uri=test:///default
                        borrow.sealing=off
                        data.security=trusted-network
                        """
                                .formatted(token, state, folder.resolve("run"), freePort()));
        Path log = Path.of("target", "borrower-kill.log").toAbsolutePath();
        Path root = root();
        Process holder =
                new ProcessBuilder(
                                root.resolve("deploy/lab/target/holder").toString(),
                                "-d",
                                "20",
                                "--",
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-Xms48m",
                                "-Xmn32m",
                                "-Xmx80m",
                                "-XX:+UseSerialGC",
                                "-XX:+UseCompactObjectHeaders",
                                "--enable-native-access=ALL-UNNAMED",
                                "-jar",
                                root.resolve("host-agent/daemon/target/memfabric-agent.jar")
                                        .toString(),
                                "--settings",
                                settings.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(Redirect.to(log.toFile()))
                        .start();
        return new HeldAgent(holder, log);
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
