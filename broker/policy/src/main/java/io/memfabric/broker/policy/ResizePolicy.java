package io.memfabric.broker.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;

/// Decides how a grant gets to another size while its VM goes on.
///
/// A guest's swap area has the size that it was made with, and QEMU cannot resize an NBD disk. So a
/// grant grows by further devices and shrinks by whole ones, each with the life of a grant of its
/// own: it goes only after the guest's confirmed swapoff. The first device stays until the grant
/// ends.
///
/// The plan is made again from what is there after every step, so whoever is interrupted goes on
/// with the same function.
public final class ResizePolicy {

    /// The most devices of one grant: each takes a slot of the VM.
    public static final int MAX_DEVICES = 6;

    private ResizePolicy() {}

    /// A device of a grant that the VM has.
    public record Device(UUID id, long bytes) {}

    /// What is to be done next.
    public sealed interface Plan {

        /// A device of this size is to come.
        record Add(long bytes) implements Plan {}

        /// These devices are to go, one after the other in this order.
        record Leave(List<UUID> devices) implements Plan {}

        /// The grant has the wanted size.
        record Done() implements Plan {}

        /// No devices of the grant are together as large as that.
        ///
        /// @param reachable the sizes to which it can shrink
        record Unreachable(Failure failure, SortedSet<Long> reachable) implements Plan {}
    }

    /// Plans for a grant's devices, the first one first.
    ///
    /// @param wantedBytes a whole number of regions, or 0 where nothing is to stay but the first
    public static Plan plan(List<Device> devices, long wantedBytes) {
        long total = devices.stream().mapToLong(Device::bytes).sum();
        List<Device> further = devices.subList(1, devices.size());
        if (wantedBytes == 0) {
            return further.isEmpty() ? new Plan.Done() : leave(further);
        }
        if (total == wantedBytes) {
            return new Plan.Done();
        }
        if (total < wantedBytes) {
            return devices.size() < MAX_DEVICES
                    ? new Plan.Add(wantedBytes - total)
                    : unreachable("A grant has at most " + MAX_DEVICES + " devices.", devices);
        }
        return leaving(further, total - wantedBytes)
                .<Plan>map(ResizePolicy::leave)
                .orElseGet(
                        () ->
                                unreachable(
                                        "A grant shrinks by whole devices, and not below its first.",
                                        devices));
    }

    /// The newest first: what was added last is likely to be used least.
    private static Plan leave(List<Device> devices) {
        return new Plan.Leave(devices.reversed().stream().map(Device::id).toList());
    }

    /// The fewest devices that are as large as that together, the newest of them where several are.
    private static Optional<List<Device>> leaving(List<Device> further, long bytes) {
        return subsets(further).stream()
                .filter(some -> sum(some) == bytes)
                .min(
                        Comparator.<List<Device>>comparingInt(List::size)
                                .thenComparing(
                                        some -> further.indexOf(some.getFirst()),
                                        Comparator.reverseOrder()));
    }

    private static Plan unreachable(String why, List<Device> devices) {
        long total = sum(devices);
        SortedSet<Long> sizes = new TreeSet<>();
        subsets(devices.subList(1, devices.size())).forEach(some -> sizes.add(total - sum(some)));
        sizes.remove(total);
        return new Plan.Unreachable(
                new Failure(
                        "size_not_reachable",
                        why
                                + (sizes.isEmpty()
                                        ? " It has one device of " + total + " bytes."
                                        : " Smaller sizes that it can have: " + sizes + ".")),
                sizes);
    }

    private static long sum(List<Device> devices) {
        return devices.stream().mapToLong(Device::bytes).sum();
    }

    private static List<List<Device>> subsets(List<Device> devices) {
        List<List<Device>> all = new ArrayList<>();
        for (int chosen = 1; chosen < 1 << devices.size(); chosen++) {
            List<Device> some = new ArrayList<>();
            for (int i = 0; i < devices.size(); i++) {
                if ((chosen & 1 << i) != 0) {
                    some.add(devices.get(i));
                }
            }
            all.add(some);
        }
        return all;
    }

    /// What a grant of several devices is for whoever looks at it.
    ///
    /// @param wantedBytes the size that it is on its way to, 0 where it is to end; empty where it is
    ///     on no way
    public static String shown(
            GrantState first, List<GrantState> further, Optional<Long> wantedBytes) {
        boolean serves =
                first == GrantState.ACTIVE
                        || first == GrantState.DEGRADED
                        || first == GrantState.RECALLING;
        if (!serves) {
            return first.name();
        }
        if (wantedBytes.isPresent() && wantedBytes.get() == 0) {
            return GrantState.DRAINING.name();
        }
        HashSet<GrantState> states = new HashSet<>(further);
        states.add(first);
        if (states.contains(GrantState.QUARANTINED)) {
            return GrantState.QUARANTINED.name();
        }
        if (states.contains(GrantState.DEGRADED)) {
            return GrantState.DEGRADED.name();
        }
        if (states.contains(GrantState.RECALLING)) {
            return GrantState.RECALLING.name();
        }
        return wantedBytes.isPresent() ? "RESIZING" : first.name();
    }
}
