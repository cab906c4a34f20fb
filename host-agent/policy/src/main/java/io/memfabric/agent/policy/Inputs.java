package io.memfabric.agent.policy;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What a decision was made from. Sizes in bytes.
///
/// @param usableBytes what the guest said that it could use, or -1
/// @param age how old that was
/// @param pressureCentipercent PSI `some avg10` times 100, or -1
/// @param refaultsPerSecond pages read again a second
/// @param stallMicrosPerSecond what it waited for memory a second while its balloon rested
/// @param keepBytes the usable memory that the guest is to keep
/// @param floorBytes what its operator wants it to keep always, 0 for nothing beside the host's rule
/// @param hostWaitCentipercent how much its process waits for host memory, PSI times 100, or -1
/// @param detail what else was decisive, or null
public record Inputs(
        long usableBytes,
        Duration age,
        long pressureCentipercent,
        long refaultsPerSecond,
        long stallMicrosPerSecond,
        long keepBytes,
        long floorBytes,
        long hostWaitCentipercent,
        @Nullable String detail) {

    private static final long MIB = 1 << 20;

    static Inputs of(VmMemory vm, BalloonState.Vm past) {
        VmMemory.Usable usable = vm.usable();
        return new Inputs(
                usable == null ? -1 : usable.bytes(),
                usable == null ? Duration.ZERO : usable.age(),
                vm.pressureCentipercent(),
                past.distress().refaultsPerSecond(),
                past.distress().stallMicrosPerSecond(),
                past.keepBytes(),
                vm.terms().floorBytes(),
                vm.backing().waitCentipercent(),
                detail(vm, past));
    }

    private static @Nullable String detail(VmMemory vm, BalloonState.Vm past) {
        Trust.Oddity oddity = past.trust().oddity();
        String excluded = vm.excludedBecause();
        return excluded != null ? excluded : oddity == null ? null : oddity.words();
    }

    String fill(String text) {
        return text.replace("{usable}", Long.toString(usableBytes / MIB))
                .replace("{age}", Long.toString(age.toSeconds()))
                .replace("{pressure}", Long.toString(pressureCentipercent / 100))
                .replace("{host}", Long.toString(hostWaitCentipercent / 100))
                .replace("{refaults}", Long.toString(refaultsPerSecond))
                .replace("{stall}", Long.toString(stallMicrosPerSecond / 1000))
                .replace("{keep}", Long.toString(keepBytes / MIB))
                .replace("{floor}", floorBytes == 0 ? "the host's rule" : floorBytes / MIB + " MiB")
                .replace("{detail}", String.valueOf(detail));
    }
}
