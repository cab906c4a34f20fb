package io.memfabric.vm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a lab could leave behind on this machine.
///
/// @param mounts every mount point
/// @param interfaces every network interface
/// @param files what lies in the folders of system services
record Machine(Set<String> mounts, Set<String> interfaces, Set<String> files) {

    private static final Path[] PLACES = {
        Path.of("/run"),
        Path.of("/run/libvirt"),
        Path.of("/var/lib/libvirt"),
        Path.of("/var/cache/libvirt"),
        Path.of("/etc/libvirt"),
    };

    static Machine now() {
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mounts"))) {
            return new Machine(
                    mounts.map(line -> line.replaceFirst("^\\S+ (\\S+) .*", "$1"))
                            .collect(Collectors.toCollection(TreeSet::new)),
                    NetworkInterface.networkInterfaces()
                            .map(NetworkInterface::getName)
                            .collect(Collectors.toCollection(TreeSet::new)),
                    findFiles());
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> findFiles() throws IOException {
        Set<String> all = new TreeSet<>();
        for (Path place : PLACES) {
            if (!Files.isDirectory(place)) {
                continue;
            }
            try (Stream<Path> files = Files.list(place)) {
                files.forEach(file -> all.add(file.toString()));
            }
        }
        return all;
    }

    private static final String REPOSITORY =
            Path.of("").toAbsolutePath().resolve("../..").normalize() + "/";

    /// Files that a process has open or mapped in folders that it shares with other programs of this
    /// machine. Its own `/run` and `/dev/shm` are not shared; their mounts tell. The repository,
    /// wherever it lies, is where the lab keeps its logs.
    static Set<String> sharedFilesOf(ProcessHandle process) {
        Path proc = Path.of("/proc", Long.toString(process.pid()));
        try (Stream<Path> descriptors = Files.list(proc.resolve("fd"));
                Stream<String> mappings = Files.lines(proc.resolve("maps"))) {
            Set<String> shared = new TreeSet<>(Set.of("/tmp/", "/var/tmp/"));
            Set<String> mounts = mountsOf(proc);
            Stream.of("/run", "/dev/shm")
                    .filter(folder -> !mounts.contains("lab " + folder))
                    .forEach(folder -> shared.add(folder + "/"));
            return Stream.concat(
                            descriptors.map(Machine::target),
                            mappings.map(line -> line.replaceFirst("^[^/]*", "")))
                    .filter(file -> shared.stream().anyMatch(file::startsWith))
                    .filter(file -> !file.startsWith(REPOSITORY))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException | UncheckedIOException e) {
            return Set.of(); // it ended meanwhile
        }
    }

    private static Set<String> mountsOf(Path proc) throws IOException {
        try (Stream<String> lines = Files.lines(proc.resolve("mounts"))) {
            return lines.map(line -> line.replaceFirst("^(\\S+ \\S+) .*", "$1"))
                    .collect(Collectors.toSet());
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }

    /// The processes of a tree that run, whatever namespace they are in.
    static Set<ProcessHandle> tree(ProcessHandle root) {
        return Stream.concat(Stream.of(root), root.descendants()).collect(Collectors.toSet());
    }

    /// Whether a process still does something; one that only waits to be reaped does not.
    static boolean runs(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
            return process.isAlive() && !stat.contains(") Z ");
        } catch (IOException e) {
            return false;
        }
    }
}
