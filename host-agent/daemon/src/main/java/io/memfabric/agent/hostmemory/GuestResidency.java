package io.memfabric.agent.hostmemory;

import io.memfabric.agent.hostmemory.QemuProcesses.QemuProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How much host memory backs a VM's guest memory, from `smaps` of its QEMU. The mapping of guest
/// memory is told by its backend's name, or by having exactly the VM's size; where neither is found
/// the whole process counts, which errs on the safe side.
public final class GuestResidency {

    private static final Pattern HEADER = Pattern.compile("[0-9a-f]+-[0-9a-f]+ .*");
    private static final Pattern NAMED =
            Pattern.compile(".*(memory-backend|/pc\\.ram|/ram-node).*");

    /// Pages that the kernel made huge by itself, of private, shared and file memory.
    private static final Pattern HUGE =
            Pattern.compile("(AnonHugePages|ShmemPmdMapped|FilePmdMapped):.*");

    /// Walking the page tables of a large VM takes long and holds its lock: all VMs together take
    /// not more than a tenth of the time.
    private static final long COST_FACTOR = 10;

    /// Looking for a process reads the whole of `/proc`.
    private static final Duration SEARCH_AGAIN = Duration.ofSeconds(5);

    private static final Duration FRESH = Duration.ofMillis(500);

    private final Path proc;
    private final QemuProcesses processes;
    private final Map<UUID, Reading> readings = new ConcurrentHashMap<>();
    private final Map<UUID, Long> missing = new ConcurrentHashMap<>();

    public GuestResidency(Path proc, QemuProcesses processes) {
        this.proc = proc;
        this.processes = processes;
    }

    /// @param hugeBytes what of it lies in huge pages
    private record Reading(
            QemuProcess process, long bytes, long hugeBytes, long at, long validNanos) {}

    /// The bytes of host memory behind the VM's memory, or empty where its process cannot be seen.
    ///
    /// @param maxBytes the memory that the VM was defined with
    public OptionalLong of(UUID vmId, long maxBytes) throws IOException {
        long start = System.nanoTime();
        Long searchedAt = missing.get(vmId);
        if (searchedAt != null && start - searchedAt < SEARCH_AGAIN.toNanos()) {
            return OptionalLong.empty();
        }
        QemuProcess process = processes.find(vmId).orElse(null);
        if (process == null) {
            readings.remove(vmId);
            missing.put(vmId, start);
            return OptionalLong.empty();
        }
        missing.remove(vmId);
        Reading last = readings.get(vmId);
        if (last != null
                && last.process().equals(process)
                && start - last.at() < last.validNanos()) {
            return OptionalLong.of(last.bytes());
        }
        Backed backed =
                backed(proc.resolve(Long.toString(process.pid())).resolve("smaps"), maxBytes);
        long cost = System.nanoTime() - start;
        readings.put(
                vmId,
                new Reading(
                        process,
                        backed.bytes(),
                        backed.hugeBytes(),
                        System.nanoTime(),
                        Math.max(FRESH.toNanos(), cost * COST_FACTOR * readings.size())));
        return OptionalLong.of(backed.bytes());
    }

    /// Whether most of the VM's memory lay in huge pages when it was looked at last.
    public boolean isHuge(UUID vmId) {
        Reading last = readings.get(vmId);
        return last != null && last.hugeBytes() > last.bytes() / 2;
    }

    /// Forgets VMs that are gone.
    public void retain(Set<UUID> vmIds) {
        readings.keySet().retainAll(vmIds);
        missing.keySet().retainAll(vmIds);
        processes.retain(vmIds);
    }

    /// Host memory, and what of it lies in huge pages.
    private record Backed(long bytes, long hugeBytes) {

        static final Backed NOTHING = new Backed(0, 0);

        Backed with(long more, long moreHuge) {
            return new Backed(bytes + more, hugeBytes + moreHuge);
        }
    }

    private static Backed backed(Path smaps, long maxBytes) throws IOException {
        Backed whole = Backed.NOTHING;
        @Nullable Backed named = null;
        @Nullable Backed sized = null;
        boolean isNamed = false;
        boolean isSized = false;
        try (BufferedReader in = Files.newBufferedReader(smaps, StandardCharsets.ISO_8859_1)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                boolean isHuge = HUGE.matcher(line).matches();
                if (isHuge || line.startsWith("Rss:")) {
                    long kib = KernelText.kib(line);
                    long bytes = isHuge ? 0 : kib;
                    long huge = isHuge ? kib : 0;
                    whole = whole.with(bytes, huge);
                    if (isNamed) {
                        named = (named == null ? Backed.NOTHING : named).with(bytes, huge);
                    } else if (isSized) {
                        sized = (sized == null ? Backed.NOTHING : sized).with(bytes, huge);
                    }
                } else if (HEADER.matcher(line).matches()) {
                    isNamed = NAMED.matcher(line).matches();
                    isSized = size(line) == maxBytes;
                }
            }
        }
        return named != null ? named : sized != null ? sized : whole;
    }

    private static long size(String header) throws IOException {
        int dash = header.indexOf('-');
        int space = header.indexOf(' ');
        try {
            return Long.parseUnsignedLong(header.substring(dash + 1, space), 16)
                    - Long.parseUnsignedLong(header.substring(0, dash), 16);
        } catch (NumberFormatException e) {
            throw new IOException("an unexpected line in smaps: " + header, e);
        }
    }
}
