package io.memfabric.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The libvirt daemon of one lab host, with folders of its own in place of the machine's.
final class Libvirtd {

    private static final Duration LIMIT = Duration.ofMinutes(1);

    /// Cgroup names and security labels are shared by all hosts of a machine: do without them.
    private static final String QEMU_CONF =
            """
            security_driver = "none"
            user = "root"
            group = "root"
            dynamic_ownership = 0
            remember_owner = 0
            cgroup_controllers = []
            namespaces = []
            stdio_handler = "file"
            """;

    private static final String LIBVIRTD_CONF =
            """
            unix_sock_ro_perms = "0700"
            unix_sock_rw_perms = "0700"
            unix_sock_admin_perms = "0700"
            auth_unix_ro = "none"
            auth_unix_rw = "none"
            log_outputs = "2:file:/var/log/libvirt/libvirtd.log"
            """;

    private static final String CAPABILITIES = "/var/cache/libvirt/qemu/capabilities";

    private final Namespace namespace;
    private final Path log;
    private final Path keptCapabilities;
    private @Nullable LabProcess process;

    Libvirtd(Namespace namespace, Path log, Path kept) {
        this.namespace = namespace;
        this.log = log;
        this.keptCapabilities = kept.resolve("capabilities");
        try {
            Files.writeString(namespace.path("/etc/libvirt/qemu.conf"), QEMU_CONF);
            Files.writeString(
                    namespace.path("/etc/libvirt/libvirtd.conf"),
                    "host_uuid = \"" + UUID.randomUUID() + "\"\n" + LIBVIRTD_CONF);
            // The first connection asks QEMU for its abilities for seconds; the answer is kept.
            copy(keptCapabilities, namespace.path(CAPABILITIES));
        } catch (IOException e) {
            throw new LabException("cannot set up libvirt", e);
        }
    }

    /// Starts the daemon and waits until it answers.
    void start() {
        namespace.run("rm", "-f", "/run/libvirt/libvirt-sock", "/run/libvirt/libvirtd.pid");
        LabProcess started =
                LabProcess.start(
                        namespace,
                        "libvirtd",
                        List.of("libvirtd", "-p", "/run/libvirt/libvirtd.pid"),
                        Map.of(),
                        log);
        process = started;
        Await.that(
                "libvirtd to answer",
                LIMIT,
                () -> {
                    started.mustLive();
                    return Files.exists(namespace.path("/run/libvirt/libvirt-sock"))
                            && Command.tryRun(LIMIT, namespace.enter("virsh", "-q", "list")).ok();
                });
    }

    /// Keeps what the daemon found out about QEMU, once it has started a VM, for the next lab.
    void keepCapabilities() {
        try {
            copy(namespace.path(CAPABILITIES), keptCapabilities);
        } catch (IOException e) {
            throw new LabException("cannot keep QEMU's abilities", e);
        }
    }

    /// Ends the daemon at once; its VMs go on.
    void kill() {
        if (process != null) {
            process.kill();
            process = null;
        }
    }

    private static synchronized void copy(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(file.getFileName().toString());
                if (!Files.exists(copy)) {
                    Files.copy(file, copy);
                }
            }
        }
    }
}
