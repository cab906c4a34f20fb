package io.memfabric.agent.hostmemory;

import io.memfabric.agent.hostmemory.QemuProcesses.QemuProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How much a VM's own process waits for the host's memory: `memory.pressure` of its scope in cgroup
/// v2, which systemd makes for each VM; of the group of all VMs where that waits more, for a limit
/// on `machine.slice` stalls its VMs from above. A guest cannot see this wait: its pages are only
/// slow. Nothing is said on cgroup v1, without PSI, and of a VM without a group of its own, whose
/// group would tell of other programs.
public final class GroupPressure {

    /// Of `/proc/PID/cgroup`: the one hierarchy of cgroup v2.
    private static final String UNIFIED = "0::/";

    /// As systemd names it, and as libvirt does without systemd.
    private static final Pattern OF_A_VM = Pattern.compile("machine-.*\\.scope|.*\\.libvirt-qemu");

    private static final Pattern SOME = Pattern.compile("some avg10=([0-9]{1,3})\\.([0-9]{2}) .*");

    private final Path proc;
    private final Path groups;
    private final QemuProcesses processes;

    /// @param groups where cgroup v2 is mounted, `/sys/fs/cgroup`
    public GroupPressure(Path proc, Path groups, QemuProcesses processes) {
        this.proc = proc;
        this.groups = groups;
        this.processes = processes;
    }

    /// PSI `some avg10` times 100, 0 to 10,000; empty where it cannot be told.
    public OptionalLong centipercent(UUID vmId) {
        try {
            Path own = group(vmId);
            if (own == null) {
                return OptionalLong.empty();
            }
            Path all = own.getParent();
            OptionalLong above =
                    all == null || all.equals(groups) ? OptionalLong.empty() : waits(all);
            OptionalLong here = waits(own);
            return here.orElse(-1) >= above.orElse(-1) ? here : above;
        } catch (IOException e) {
            return OptionalLong.empty(); // the VM ended, or there is no PSI
        }
    }

    /// The group that holds this VM's process and what belongs to it, or null where there is none.
    private @Nullable Path group(UUID vmId) throws IOException {
        QemuProcess process = processes.find(vmId).orElse(null);
        if (process == null) {
            return null;
        }
        Path file = proc.resolve(Long.toString(process.pid())).resolve("cgroup");
        for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
            if (line.startsWith(UNIFIED)) {
                return ofAVm(groups.resolve(line.substring(UNIFIED.length())).normalize());
            }
        }
        return null;
    }

    private @Nullable Path ofAVm(Path leaf) {
        Path path = leaf.startsWith(groups) ? leaf : null;
        while (path != null && !path.equals(groups)) {
            if (OF_A_VM.matcher(String.valueOf(path.getFileName())).matches()) {
                return path;
            }
            path = path.getParent();
        }
        return null;
    }

    private static OptionalLong waits(Path group) throws IOException {
        Path file = group.resolve("memory.pressure");
        if (!Files.isReadable(file)) {
            return OptionalLong.empty();
        }
        for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
            Matcher some = SOME.matcher(line);
            if (some.matches()) {
                return OptionalLong.of(Long.parseLong(some.group(1) + some.group(2)));
            }
        }
        return OptionalLong.empty();
    }
}
