package io.memfabric.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What a machine must have before a lab can start.
public final class Preconditions {

    /// Commands that the lab calls, and the Debian package that has each.
    private static final Map<String, String> PACKAGES = new LinkedHashMap<>();

    static {
        PACKAGES.put("unshare", "util-linux");
        PACKAGES.put("nsenter", "util-linux");
        PACKAGES.put("setpriv", "util-linux");
        PACKAGES.put("ip", "iproute2");
        PACKAGES.put("socat", "socat");
        PACKAGES.put("libvirtd", "libvirt-daemon-system-sysv libvirt-daemon-system");
        PACKAGES.put("virsh", "libvirt-clients");
        PACKAGES.put("qemu-system-x86_64", "qemu-system-x86");
        PACKAGES.put("busybox", "busybox-static");
        PACKAGES.put("cpio", "cpio");
        PACKAGES.put("dpkg-deb", "dpkg");
        PACKAGES.put("lz4", "lz4");
        PACKAGES.put("musl-gcc", "musl-tools");
    }

    private static final Path QEMU_DRIVER =
            Path.of("/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so");

    private Preconditions() {}

    /// Why no lab can start here, or empty where one can.
    public static Optional<String> missing() {
        if (!System.getProperty("os.name").equals("Linux")
                || !System.getProperty("os.arch").equals("amd64")) {
            return Optional.of("the lab needs Linux on x86-64");
        }
        if (!root()) {
            return Optional.of("the lab needs root: it makes namespaces and runs libvirt in them");
        }
        for (Map.Entry<String, String> entry : PACKAGES.entrySet()) {
            if (!onPath(entry.getKey())) {
                return Optional.of(
                        "%s is missing: apt-get install %s"
                                .formatted(entry.getKey(), entry.getValue()));
            }
        }
        if (!Files.exists(QEMU_DRIVER)) {
            return Optional.of(
                    "libvirt's QEMU driver is missing: apt-get install libvirt-daemon-driver-qemu");
        }
        return namespaces();
    }

    private static boolean root() {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean onPath(String command) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.concat(Stream.of(path.split(":")), Stream.of("/usr/sbin", "/sbin"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, command)));
    }

    private static Optional<String> namespaces() {
        Command.Output output =
                Command.tryRun(
                        Duration.ofSeconds(10),
                        List.of("unshare", "--mount", "--net", "--pid", "--fork", "true"));
        return output.ok()
                ? Optional.empty()
                : Optional.of("this machine lets nobody make namespaces: " + output.err().strip());
    }
}
