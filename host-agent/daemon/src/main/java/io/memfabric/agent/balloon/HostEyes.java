package io.memfabric.agent.balloon;

import io.memfabric.agent.policy.VmMemory.Backing;
import java.io.IOException;
import java.util.Set;
import java.util.UUID;

/// What the loop sees of the host without asking any guest.
public interface HostEyes {

    /// The host's memory now.
    ///
    /// @param totalBytes all of it
    /// @param availableBytes what could be used without swapping
    record Memory(long totalBytes, long availableBytes) {}

    Memory memory() throws IOException;

    /// Host memory behind a VM's memory; `maxBytes`, which credits nothing, where it cannot be seen.
    long residentBytes(UUID vmId, long maxBytes);

    /// How the host backs a VM's memory.
    Backing backing(UUID vmId);

    /// Forgets every other VM.
    void retain(Set<UUID> vmIds);
}
