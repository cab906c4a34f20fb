package io.memfabric.agent.balloon;

import io.memfabric.agent.guest.GuestHint;
import io.memfabric.agent.hypervisor.Exclusion;
import io.memfabric.agent.hypervisor.VirtualMachine;
import io.memfabric.agent.policy.GrowthPolicy;
import io.memfabric.agent.policy.LendableMemory;
import io.memfabric.agent.policy.VmMemory;
import io.memfabric.agent.policy.VmMemory.Backing;
import io.memfabric.agent.policy.VmMemory.Strain;
import io.memfabric.agent.policy.VmMemory.Terms;
import io.memfabric.agent.policy.VmMemory.Usable;
import io.memfabric.contract.agent.VmPolicy;
import io.memfabric.contract.agent.VmReport;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One VM in one tick: what the hypervisor, its guest and the host's kernel say of it, side by side.
///
/// @param usable the smaller of what balloon driver and daemon said, or null where neither did
/// @param hint what its daemon said, or null where it was not heard
/// @param residentBytes host memory behind its memory; all of it where that could not be seen
record SeenVm(
        VirtualMachine machine,
        @Nullable Usable usable,
        @Nullable GuestHint hint,
        long residentBytes,
        boolean borrows,
        Backing backing) {

    private static final int MAX_NAME_CHARS = 253;
    private static final Duration FRESH = Duration.ofSeconds(5);

    static SeenVm of(
            VirtualMachine machine,
            @Nullable Duration statisticsAge,
            @Nullable GuestHint hint,
            long residentBytes,
            boolean borrows,
            Backing backing) {
        return new SeenVm(
                machine,
                usable(machine, statisticsAge, hint),
                hint,
                residentBytes,
                borrows,
                backing);
    }

    private static @Nullable Usable usable(
            VirtualMachine machine, @Nullable Duration statisticsAge, @Nullable GuestHint hint) {
        if (machine.statistics() == null || statisticsAge == null) {
            return null;
        }
        long bytes = machine.statistics().usableBytes();
        if (hint != null && hint.age().compareTo(FRESH) <= 0) {
            return new Usable(
                    Math.min(bytes, hint.availableBytes()), longer(statisticsAge, hint.age()));
        }
        return new Usable(bytes, statisticsAge);
    }

    UUID id() {
        return machine.id();
    }

    /// @param policy what its operator wants of it
    VmMemory forPolicy(VmPolicy policy) {
        Exclusion exclusion = machine.exclusion();
        return new VmMemory(
                machine.id(),
                policy.ceilingBytes() == 0
                        ? machine.ceilingBytes()
                        : Math.min(policy.ceilingBytes(), machine.ceilingBytes()),
                machine.balloonBytes(),
                residentBytes,
                usable,
                hint != null && heard()
                        ? new Strain(
                                hint.pressureCentipercent(),
                                hint.stallMicros(),
                                hint.refaultPages(),
                                hint.age())
                        : null,
                borrows,
                exclusion == null ? null : exclusion.reason(),
                exclusion == null || exclusion.permitsRelief(),
                new Terms(policy.floorBytes(), policy.weight(), policy.lend()),
                backing);
    }

    /// @param isServed whether its host has not just been too short to give it what it needs
    GrowthPolicy.Sight forGrowth(VmMemory vm, boolean isServed, long growMaxBytes) {
        boolean inflated = vm.balloonBytes() < vm.ceilingBytes();
        GuestHint said = heard() ? hint : null;
        return new GrowthPolicy.Sight(
                vm,
                isServed && inflated && vm.relievable(),
                growMaxBytes,
                said == null ? -1 : said.swapTotalBytes(),
                said == null ? 0 : said.swapFreeBytes());
    }

    /// What its balloon freed, as far as the host sees it.
    long freedBytes(long balloonBytes) {
        return machine.state() == VirtualMachine.State.OFF
                ? 0
                : LendableMemory.freedByVm(machine.maxBytes(), balloonBytes, residentBytes);
    }

    /// @param reachable whether the hypervisor answered in this tick
    VmReport report(boolean reachable) {
        Exclusion exclusion = machine.exclusion();
        Usable known = usable;
        return new VmReport(
                machine.id(),
                reportedName(),
                switch (machine.state()) {
                    case RUNNING -> VmReport.State.RUNNING;
                    case PAUSED -> VmReport.State.PAUSED;
                    case OFF -> VmReport.State.OFF;
                },
                machine.maxBytes(),
                machine.balloonBytes(),
                reachable && known != null && known.age().compareTo(FRESH) <= 0
                        ? (Long) Math.min(known.bytes(), machine.maxBytes())
                        : null,
                residentBytes,
                heard(),
                !reachable
                        ? "the hypervisor does not answer"
                        : exclusion == null ? null : exclusion.reason(),
                reportedStrain());
    }

    /// A guest's counters may be anything; the contract's are not negative.
    private VmReport.@Nullable Strain reportedStrain() {
        GuestHint said = heard() ? hint : null;
        if (said == null) {
            return null;
        }
        long pressure = said.pressureCentipercent();
        return new VmReport.Strain(
                pressure < 0 ? null : (Long) pressure, Math.max(0, said.refaultPages()));
    }

    /// libvirt allows names that the contract does not.
    private String reportedName() {
        String name = machine.name().replaceAll("\\p{Cntrl}", "?");
        return name.isBlank()
                ? machine.id().toString()
                : name.substring(0, Math.min(name.length(), MAX_NAME_CHARS));
    }

    private boolean heard() {
        return hint != null && hint.age().compareTo(FRESH) <= 0;
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }
}
