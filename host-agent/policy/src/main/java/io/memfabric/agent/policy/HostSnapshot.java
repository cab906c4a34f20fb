package io.memfabric.agent.policy;

import java.util.List;

/// What the decisions of one tick are made from. Sizes in bytes.
///
/// @param availableBytes what the host could still use without swapping (`MemAvailable`)
/// @param dissolvableBytes free regions, which can become available at once
/// @param vms the running VMs
public record HostSnapshot(long availableBytes, long dissolvableBytes, List<VmMemory> vms) {

    public HostSnapshot {
        vms = List.copyOf(vms);
    }
}
