package io.memfabric.contract.agent;

import io.memfabric.contract.vocabulary.HarvestMode;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a host's agent tells the broker every second: all of its VMs, or only those that changed.
///
/// @param bootId identity of the lender's region table, new at every start that lost the table
/// @param sequence counts the reports of this process, from 1
/// @param mode the mode in force on the host
/// @param memory the host's memory
/// @param vms every VM that the hypervisor knows, at most 4,096; with `since`, those that changed
/// @param policiesTag the tag of the policies in force on the host, or null where it has none
/// @param forecast how long its memory may be lent, or null where it says nothing of that
/// @param since the sequence of the report before, to which this one only adds what changed; null
///     where it names every VM
public record HostReport(
        UUID bootId,
        long sequence,
        HarvestMode mode,
        MemoryReport memory,
        List<VmReport> vms,
        @Nullable String policiesTag,
        @Nullable LendingForecast forecast,
        @Nullable Long since) {

    public HostReport {
        Check.present("bootId", bootId);
        Check.notNegative("sequence", sequence);
        Check.present("mode", mode);
        Check.present("memory", memory);
        vms = List.copyOf(Check.present("vms", vms));
        Check.atMost("vms", vms.size(), 4096);
        if (policiesTag != null) {
            Check.name("policiesTag", policiesTag, 100);
        }
        if (since != null) {
            Check.notNegative("since", since);
        }
    }

    /// A report that names every VM.
    public static HostReport whole(
            UUID bootId,
            long sequence,
            HarvestMode mode,
            MemoryReport memory,
            List<VmReport> vms,
            @Nullable String policiesTag,
            @Nullable LendingForecast forecast) {
        return new HostReport(bootId, sequence, mode, memory, vms, policiesTag, forecast, null);
    }

    /// The same with other VMs: all of them, or those that changed since another report.
    public HostReport with(List<VmReport> others, @Nullable Long base) {
        return new HostReport(bootId, sequence, mode, memory, others, policiesTag, forecast, base);
    }
}
