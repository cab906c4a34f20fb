package io.memfabric.contract.agent;

import io.memfabric.contract.vocabulary.HarvestMode;
import java.util.List;
import java.util.UUID;

/// What a host's agent tells the broker every second.
///
/// @param bootId identity of the lender's region table, new at every start that lost the table
/// @param sequence counts the reports of this process, from 1
/// @param mode the mode in force on the host
/// @param memory the host's memory
/// @param vms every VM that the hypervisor knows, at most 4,096
public record HostReport(
        UUID bootId, long sequence, HarvestMode mode, MemoryReport memory, List<VmReport> vms) {

    public HostReport {
        Check.present("bootId", bootId);
        Check.notNegative("sequence", sequence);
        Check.present("mode", mode);
        Check.present("memory", memory);
        vms = List.copyOf(Check.present("vms", vms));
        Check.atMost("vms", vms.size(), 4096);
    }
}
