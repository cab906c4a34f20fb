package io.memfabric.contract.agent;

import java.util.List;

/// The policies of a host's VMs, all of them; [VmPolicy#usual] holds for a VM that is not among
/// them.
///
/// @param tag tells this set from every other; the agent sends it back with its reports
/// @param vms at most 4,096
public record VmPolicies(String tag, List<VmPolicy> vms) {

    public VmPolicies {
        Check.name("tag", tag, 100);
        vms = List.copyOf(Check.present("vms", vms));
        Check.atMost("vms", vms.size(), 4096);
    }
}
