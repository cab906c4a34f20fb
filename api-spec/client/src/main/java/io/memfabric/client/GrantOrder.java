package io.memfabric.client;

import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.LatencyClass;
import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;
import java.util.UUID;

/// What is asked for.
///
/// @param vm the VM that gets the memory, by the UUID of its domain
/// @param size rounded up by the broker to whole regions of 64 MiB
/// @param latency how fast it has to be, as measured
/// @param mode how the guest sees it
/// @param copies of every page, each on another host: 1 or 2
/// @param patience how long to wait until it is usable; what is not by then is released again
public record GrantOrder(
        UUID vm,
        MemorySize size,
        LatencyClass latency,
        AttachMode mode,
        int copies,
        Duration patience) {

    /// A raw device of any latency with one copy, within two minutes.
    public static GrantOrder of(UUID vm, MemorySize size) {
        return new GrantOrder(
                vm, size, LatencyClass.ANY, AttachMode.DEVICE, 1, Duration.ofMinutes(2));
    }

    public GrantOrder withLatency(LatencyClass latency) {
        return new GrantOrder(vm, size, latency, mode, copies, patience);
    }

    public GrantOrder withMode(AttachMode mode) {
        return new GrantOrder(vm, size, latency, mode, copies, patience);
    }

    public GrantOrder withCopies(int copies) {
        return new GrantOrder(vm, size, latency, mode, copies, patience);
    }

    public GrantOrder withPatience(Duration patience) {
        return new GrantOrder(vm, size, latency, mode, copies, patience);
    }
}
