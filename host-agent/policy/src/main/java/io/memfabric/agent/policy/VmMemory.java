package io.memfabric.agent.policy;

import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One running VM's memory as its host knows it. Sizes in bytes.
///
/// @param ceilingBytes the most that it may get; what is missing of it can be given back
/// @param balloonBytes what it has now (`actual` of its balloon)
/// @param residentBytes host memory behind it, seen without asking the guest
/// @param usable what its guest could use without swapping, or null where it never said
/// @param strain how its guest's kernel fared, or null where its daemon was not heard
/// @param borrows whether it holds a grant
/// @param excludedBecause why nothing may be taken from it, or null where it takes part
/// @param relievable whether its balloon can be deflated at all
/// @param terms what its operator wants of its memory
/// @param backing how its host backs its memory
public record VmMemory(
        UUID vmId,
        long ceilingBytes,
        long balloonBytes,
        long residentBytes,
        @Nullable Usable usable,
        @Nullable Strain strain,
        boolean borrows,
        @Nullable String excludedBecause,
        boolean relievable,
        Terms terms,
        Backing backing) {

    /// How a host backs a VM's memory, seen without asking the guest.
    ///
    /// @param hugePages whether most of it lies in huge pages
    /// @param waitCentipercent PSI `some avg10` times 100 of its control group: how much its own
    ///     process waits for host memory; -1 where the host cannot tell
    public record Backing(boolean hugePages, long waitCentipercent) {

        public static final Backing USUAL = new Backing(false, -1);
    }

    /// What an operator wants of a VM's memory.
    ///
    /// @param floorBytes what it always keeps, beside what the rules keep for every VM
    /// @param weight its share where memory is short; 1 is usual
    /// @param lends whether its idle memory may be taken
    public record Terms(long floorBytes, int weight, boolean lends) {

        public static final Terms USUAL = new Terms(0, 1, true);
    }

    /// What a guest said about its memory, a hint.
    ///
    /// @param bytes as it was said, however absurd
    /// @param age how long ago it said so, as seen by the host
    public record Usable(long bytes, Duration age) {}

    /// What a guest's daemon said about waiting for memory, a hint.
    ///
    /// @param pressureCentipercent PSI `some avg10` times 100, or -1 where it is unknown
    /// @param stallMicros PSI `some total`, which only grows
    /// @param refaultPages pages that were read again soon after they were dropped; only grows
    /// @param age how long ago it said so, as seen by the host
    public record Strain(
            long pressureCentipercent, long stallMicros, long refaultPages, Duration age) {}

    boolean isInflated() {
        return balloonBytes < ceilingBytes;
    }

    /// PSI `some avg10` times 100, or -1 where it is unknown.
    long pressureCentipercent() {
        return strain == null ? -1 : strain.pressureCentipercent();
    }
}
