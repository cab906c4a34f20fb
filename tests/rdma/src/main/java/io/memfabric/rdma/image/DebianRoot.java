package io.memfabric.rdma.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Files of Debian packages, unpacked into a folder of their own: nothing is installed on the host.
final class DebianRoot {

    /// What the image needs; the kernel is found by the name of the package that depends on it.
    static final List<String> PACKAGES =
            List.of(
                    "busybox-static",
                    "iproute2",
                    "perftest",
                    "ibverbs-providers",
                    "libibverbs1",
                    "librdmacm1",
                    "libibumad3",
                    "libnl-3-200",
                    "libnl-route-3-200",
                    "libpci3",
                    "libudev1",
                    "zlib1g",
                    "libmnl0",
                    "libbsd0",
                    "libmd0",
                    "libcap2",
                    "libc6",
                    "util-linux",
                    "libcap-ng0");

    private static final String KERNEL = "linux-image-amd64";

    private final Path root;

    private DebianRoot(Path root) {
        this.root = root;
    }

    /// The unpacked packages; downloads what is not there.
    ///
    /// @param cache where they are kept from run to run
    static DebianRoot in(Path cache) throws IOException, VerbsUnavailableException {
        Path root = cache.resolve("root");
        Path complete = cache.resolve("root.complete");
        if (!Files.exists(complete)) {
            Files.createDirectories(cache.resolve("packages"));
            Files.createDirectories(root);
            try {
                unpack(download(cache.resolve("packages")), root);
            } catch (IOException e) {
                throw new VerbsUnavailableException(
                        "Debian's packages for the image could not be fetched: " + e.getMessage());
            }
            Files.createFile(complete);
        }
        return new DebianRoot(root);
    }

    private static List<Path> download(Path folder) throws IOException {
        try {
            return downloadKnown(folder);
        } catch (IOException e) {
            // The lists may name a version that is not there any more.
            Tool.run(folder, List.of("apt-get", "-q", "update"));
            return downloadKnown(folder);
        }
    }

    private static List<Path> downloadKnown(Path folder) throws IOException {
        List<String> words = new ArrayList<>(List.of("apt-get", "-q", "download"));
        words.addAll(PACKAGES);
        words.add(kernelPackage(folder));
        Tool.run(folder, words);
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".deb")).toList();
        }
    }

    private static String kernelPackage(Path folder) throws IOException {
        return Tool.run(folder, List.of("apt-cache", "depends", KERNEL))
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("Depends: linux-image-"))
                .map(line -> line.substring("Depends: ".length()))
                .findFirst()
                .orElseThrow(() -> new IOException("no package " + KERNEL));
    }

    private static void unpack(List<Path> packages, Path root) throws IOException {
        for (Path file : packages) {
            Tool.run(root, List.of("dpkg-deb", "-x", file.toString(), root.toString()));
        }
    }

    /// A file by its place; the first of these places that there is.
    Path file(String... places) throws IOException {
        for (String place : places) {
            Path file = root.resolve(place);
            if (Files.exists(file)) {
                return file;
            }
        }
        throw new IOException("the packages have no " + String.join(" or ", places));
    }

    /// The first file below a folder whose name begins and ends so.
    Path find(String folder, String start, String end) throws IOException {
        try (Stream<Path> files = Files.walk(root.resolve(folder))) {
            return files.filter(file -> file.getFileName().toString().startsWith(start))
                    .filter(file -> file.getFileName().toString().endsWith(end))
                    .findFirst()
                    .orElseThrow(() -> new IOException("the packages have no " + start + end));
        }
    }

    /// The shared libraries, without plug-ins.
    List<Path> libraries() throws IOException {
        List<Path> found = new ArrayList<>();
        for (String folder : List.of("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu")) {
            Path at = root.resolve(folder);
            if (Files.isDirectory(at)) {
                try (Stream<Path> files = Files.list(at)) {
                    files.filter(file -> file.getFileName().toString().contains(".so"))
                            .forEach(found::add);
                }
            }
        }
        return found;
    }

    /// The kernel as the package has it.
    Path bzImage() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("boot"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("vmlinuz-"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("the kernel's package has no vmlinuz"));
        }
    }
}
