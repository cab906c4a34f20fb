package io.memfabric.rdma.image;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What seldom changes in the image: modules, tools, libraries and a Java made with jlink.
final class BaseArchive {

    /// In the order in which they can be loaded. `rdma_rxe` needs crc32 and does not say so.
    private static final List<String> MODULES =
            List.of(
                    "virtio_ring",
                    "virtio",
                    "virtio_pci_legacy_dev",
                    "virtio_pci_modern_dev",
                    "virtio_pci",
                    "failover",
                    "net_failover",
                    "virtio_net",
                    "crc32_generic",
                    "crc32-pclmul",
                    "udp_tunnel",
                    "ip6_udp_tunnel",
                    "configfs",
                    "ib_core",
                    "ib_cm",
                    "iw_cm",
                    "rdma_cm",
                    "ib_uverbs",
                    "rdma_ucm",
                    "rdma_rxe");

    /// What init and the tests call by name; busybox answers to each.
    private static final List<String> COMMANDS =
            List.of(
                    "sh",
                    "mount",
                    "insmod",
                    "ip",
                    "cat",
                    "sed",
                    "awk",
                    "chmod",
                    "sleep",
                    "poweroff",
                    "kill");

    private static final List<String> TOOLS =
            List.of("rdma", "ib_read_lat", "ib_read_bw", "setpriv");

    private static final List<String> JAVA_MODULES =
            List.of("java.base", "java.logging", "jdk.net", "jdk.unsupported");

    private static final String LIBRARIES = "usr/lib/x86_64-linux-gnu";

    private BaseArchive() {}

    /// Says in a few characters what goes into it.
    static String version() {
        String parts = "" + DebianRoot.PACKAGES + MODULES + COMMANDS + TOOLS + JAVA_MODULES;
        return Integer.toHexString(parts.hashCode());
    }

    static Path build(DebianRoot debian, Path cache) throws IOException {
        Path base = cache.resolve("base.cpio");
        if (Files.exists(base)) {
            return base;
        }
        Path part = cache.resolve("base.part");
        try (Cpio archive = new Cpio(part)) {
            for (String folder : List.of("proc", "sys", "dev", "tmp", "run", "lib", LIBRARIES)) {
                archive.folder(folder);
            }
            archive.link("lib/x86_64-linux-gnu", "/" + LIBRARIES);
            archive.link("lib64", "/" + LIBRARIES);
            archive.copy(debian.file("bin/busybox", "usr/bin/busybox"), "bin/busybox");
            for (String command : COMMANDS) {
                archive.link("bin/" + command, "busybox");
            }
            for (String tool : TOOLS) {
                archive.copy(debian.file("usr/bin/" + tool, "bin/" + tool), "bin/" + tool);
            }
            for (Path library : debian.libraries()) {
                archive.copy(library, LIBRARIES + "/" + library.getFileName());
            }
            Path driver = debian.find(LIBRARIES + "/libibverbs", "librxe-", ".so");
            archive.copy(driver, LIBRARIES + "/libibverbs/" + driver.getFileName());
            archive.copy(debian.file("etc/libibverbs.d/rxe.driver"), "etc/libibverbs.d/rxe.driver");
            for (String module : MODULES) {
                Path file = debian.find("lib/modules", module + ".ko", "");
                archive.copy(file, "modules/" + module + ".ko");
            }
            archive.program("modules/order", String.join("\n", MODULES).getBytes(US_ASCII));
            archive.copy(java(cache), "java");
        }
        return Files.move(part, base);
    }

    /// A Java of the modules that the agent's data path needs, with its classes laid out beforehand.
    private static Path java(Path cache) throws IOException {
        Path java = cache.resolve("java");
        if (!Files.isDirectory(java)) {
            Path part = cache.resolve("java.part");
            Tool.run(cache, List.of("rm", "-rf", part.toString()));
            Tool.run(
                    cache,
                    List.of(
                            Path.of(System.getProperty("java.home"), "bin/jlink").toString(),
                            "--add-modules",
                            String.join(",", JAVA_MODULES),
                            "--strip-debug",
                            "--no-header-files",
                            "--no-man-pages",
                            "--generate-cds-archive",
                            "--output",
                            part.toString()));
            Files.deleteIfExists(part.resolve("lib/server/classes_nocoops.jsa"));
            Files.move(part, java);
        }
        return java;
    }
}
