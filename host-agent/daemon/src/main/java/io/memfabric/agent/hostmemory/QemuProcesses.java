package io.memfabric.agent.hostmemory;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// The QEMU processes of this host, found by the UUID on their command line. libvirt's pid files
/// would do as well, but lie where only libvirt's configuration knows. Any process can put a UUID
/// on its command line: of several the oldest counts, for as long as it lives.
public final class QemuProcesses {

    private final Path proc;
    private final Map<UUID, QemuProcess> known = new ConcurrentHashMap<>();

    /// @param proc the process file system, `/proc`
    public QemuProcesses(Path proc) {
        this.proc = proc;
    }

    /// A process, told from a later one with the same number by when it started.
    record QemuProcess(long pid, String startTime) {

        private boolean isOlderThan(QemuProcess other) {
            return Long.parseLong(startTime) < Long.parseLong(other.startTime);
        }
    }

    /// Whether a QEMU process of this VM exists.
    public boolean exists(UUID vmId) throws IOException {
        return find(vmId).isPresent();
    }

    /// Whether that process is this VM's QEMU.
    public boolean isQemuOf(UUID vmId, long pid) throws IOException {
        return find(vmId).filter(process -> process.pid() == pid).isPresent();
    }

    void retain(Set<UUID> vmIds) {
        known.keySet().retainAll(vmIds);
    }

    Optional<QemuProcess> find(UUID vmId) throws IOException {
        QemuProcess last = known.get(vmId);
        if (last != null && startTime(last.pid()).equals(Optional.of(last.startTime()))) {
            return Optional.of(last);
        }
        known.remove(vmId);
        Optional<QemuProcess> oldest = Optional.empty();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path entry : entries) {
                long pid = Long.parseLong(entry.getFileName().toString());
                Optional<String> started = startTime(pid);
                if (started.isPresent() && claims(vmId, entry)) {
                    QemuProcess found = new QemuProcess(pid, started.get());
                    if (oldest.isEmpty() || found.isOlderThan(oldest.get())) {
                        oldest = Optional.of(found);
                    }
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        oldest.ifPresent(found -> known.put(vmId, found));
        return oldest;
    }

    private static boolean claims(UUID vmId, Path entry) {
        try {
            String[] words =
                    Files.readString(entry.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                            .split("\0", -1);
            for (int i = 0; i + 1 < words.length; i++) {
                if (words[i].equals("-uuid") && words[i + 1].equalsIgnoreCase(vmId.toString())) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            // The process ended while it was looked at, or it is not ours to see.
            return false;
        }
    }

    /// Field 22 of `stat`, counted behind the name, which may hold anything. Empty for a process that
    /// ended, a zombie included: its memory is gone.
    private Optional<String> startTime(long pid) {
        try {
            String stat =
                    Files.readString(
                            proc.resolve(Long.toString(pid)).resolve("stat"),
                            StandardCharsets.ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return fields[0].equals("Z") || fields[0].equals("X")
                    ? Optional.empty()
                    : Optional.of(fields[19]);
        } catch (IOException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }
}
