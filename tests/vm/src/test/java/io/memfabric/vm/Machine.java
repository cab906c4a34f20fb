package io.memfabric.vm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a lab could leave behind on this machine.
///
/// @param mounts every mount point
/// @param interfaces every network interface
/// @param files what lies in the places where programs leave things
record Machine(Set<String> mounts, Set<String> interfaces, Set<String> files) {

    private static final Path[] PLACES = {
        Path.of("/run"),
        Path.of("/run/libvirt"),
        Path.of("/dev/shm"),
        Path.of("/tmp"),
        Path.of("/var/lib/libvirt"),
        Path.of("/var/cache/libvirt"),
        Path.of("/etc/libvirt"),
    };

    /// In `/tmp` other programs come and go: only names that this lab's programs would choose.
    private static final Pattern OURS =
            Pattern.compile("(?i).*(memfabric|lab|jna|postgres|pgsql|tomcat|socat|qemu|libvirt).*");

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
                files.filter(
                                file ->
                                        !place.equals(Path.of("/tmp"))
                                                || OURS.matcher(file.getFileName().toString())
                                                        .matches())
                        .forEach(file -> all.add(file.toString()));
            }
        }
        return all;
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
