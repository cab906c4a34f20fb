package io.memfabric.lab;

import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// One mapping of a process, from `/proc/PID/smaps` (proc(5)).
///
/// @param size its length
/// @param resident the memory behind it
/// @param locked whether it is locked in memory
record SmapsMapping(MemorySize size, MemorySize resident, boolean locked) {

    /// An agent locks its regions and nothing else; neighbours may be one mapping to the kernel.
    boolean region() {
        return locked && !size.isZero() && size.bytes() % FabricLimits.REGION.bytes() == 0;
    }

    static List<SmapsMapping> of(long pid) {
        try {
            return parse(Files.readAllLines(Path.of("/proc/" + pid + "/smaps")));
        } catch (IOException e) {
            throw new LabException("cannot read the mappings of process " + pid, e);
        }
    }

    static List<SmapsMapping> parse(List<String> lines) {
        List<SmapsMapping> all = new ArrayList<>();
        MemorySize size = MemorySize.ZERO;
        MemorySize resident = MemorySize.ZERO;
        for (String line : lines) {
            if (line.startsWith("Size:")) {
                size = KibTable.size("Size", line);
            } else if (line.startsWith("Rss:")) {
                resident = KibTable.size("Rss", line);
            } else if (line.startsWith("VmFlags:")) { // the last line of every mapping
                all.add(new SmapsMapping(size, resident, (line + " ").contains(" lo ")));
            }
        }
        return all;
    }
}
