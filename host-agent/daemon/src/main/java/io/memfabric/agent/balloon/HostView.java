package io.memfabric.agent.balloon;

import io.memfabric.agent.hypervisor.VirtualMachine;
import io.memfabric.contract.agent.LendingForecast;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// What one tick of the loop saw and made of it, for reports.
///
/// @param machines the VMs as last seen
/// @param forecast how long how much of its memory is likely to stay idle
/// @param hypervisorReachable whether they were seen in this tick
public record HostView(
        HarvestMode mode,
        MemoryReport memory,
        List<VmReport> vms,
        List<VirtualMachine> machines,
        LendingForecast forecast,
        boolean hypervisorReachable) {

    public HostView {
        vms = List.copyOf(vms);
        machines = List.copyOf(machines);
    }

    /// The VM, if the host has it.
    public Optional<VirtualMachine> machine(UUID vmId) {
        return machines.stream().filter(machine -> machine.id().equals(vmId)).findFirst();
    }
}
