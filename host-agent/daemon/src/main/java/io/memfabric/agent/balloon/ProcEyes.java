package io.memfabric.agent.balloon;

import io.memfabric.agent.hostmemory.GroupPressure;
import io.memfabric.agent.hostmemory.GuestResidency;
import io.memfabric.agent.hostmemory.MemoryInfo;
import io.memfabric.agent.policy.VmMemory.Backing;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;

/// The host through `/proc`.
public final class ProcEyes implements HostEyes {

    private static final System.Logger LOG = System.getLogger(ProcEyes.class.getName());

    private final Path proc;
    private final GuestResidency residency;
    private final GroupPressure pressure;

    public ProcEyes(Path proc, GuestResidency residency, GroupPressure pressure) {
        this.proc = proc;
        this.residency = residency;
        this.pressure = pressure;
    }

    @Override
    public Memory memory() throws IOException {
        MemoryInfo info = MemoryInfo.read(proc);
        return new Memory(info.totalBytes(), info.availableBytes());
    }

    @Override
    public long residentBytes(UUID vmId, long maxBytes) {
        try {
            return residency.of(vmId, maxBytes).orElse(maxBytes);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "memory of {0} cannot be seen: {1}", vmId, e.getMessage());
            return maxBytes;
        }
    }

    @Override
    public Backing backing(UUID vmId) {
        return new Backing(residency.isHuge(vmId), pressure.centipercent(vmId).orElse(-1));
    }

    @Override
    public void retain(Set<UUID> vmIds) {
        residency.retain(vmIds);
    }
}
