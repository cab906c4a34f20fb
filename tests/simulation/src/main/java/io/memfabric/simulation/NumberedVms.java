package io.memfabric.simulation;

import io.memfabric.agent.guest.GuestHint;
import io.memfabric.agent.guest.GuestSilentException;
import io.memfabric.agent.guest.Guests;
import io.memfabric.agent.hypervisor.AttachedDisk;
import io.memfabric.agent.hypervisor.DiskToAttach;
import io.memfabric.agent.hypervisor.Hypervisor;
import io.memfabric.agent.hypervisor.HypervisorException;
import io.memfabric.agent.hypervisor.VirtualMachine;
import io.memfabric.agent.hypervisor.VirtualMachine.BalloonStatistics;
import io.memfabric.contract.guest.GuestFrame.Reply;
import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;

/// Many VMs as mere numbers: their balloons are at once where they shall be, and what they use goes
/// up and down.
final class NumberedVms implements Hypervisor {

    private static final long CEILING = MemorySize.ofMib(4096).bytes();

    private final Random random = new Random(1);
    private final long[] balloon;
    private final long[] used;

    NumberedVms(int count) {
        balloon = new long[count];
        used = new long[count];
        Arrays.fill(balloon, CEILING);
        Arrays.fill(used, CEILING / 4);
    }

    /// Lets each of them use a little more or less, and some much more.
    synchronized void live() {
        for (int vm = 0; vm < used.length; vm++) {
            long change = random.nextLong(-CEILING / 64, CEILING / 64);
            long jump = random.nextInt(100) == 0 ? CEILING / 8 : 0;
            used[vm] = Math.clamp(used[vm] + change + jump, CEILING / 8, CEILING * 3 / 4);
        }
    }

    private synchronized long usable(int vm) {
        return Math.max(0, balloon[vm] - used[vm]);
    }

    @Override
    public synchronized List<VirtualMachine> machines() {
        long seconds = Instant.now().getEpochSecond();
        return IntStream.range(0, balloon.length)
                .mapToObj(
                        vm ->
                                new VirtualMachine(
                                        new UUID(0, vm),
                                        "vm-" + vm,
                                        VirtualMachine.State.RUNNING,
                                        CEILING,
                                        CEILING,
                                        balloon[vm],
                                        new BalloonStatistics(usable(vm), seconds),
                                        null,
                                        null))
                .toList();
    }

    @Override
    public synchronized void setBalloon(UUID vmId, MemorySize target) {
        balloon[(int) vmId.getLeastSignificantBits()] = target.bytes();
    }

    @Override
    public AttachedDisk attachDisk(UUID vmId, DiskToAttach disk) throws HypervisorException {
        throw new HypervisorException("attach_failed", "these VMs take no disks");
    }

    @Override
    public void detachDisk(UUID vmId, String serial) {}

    @Override
    public List<AttachedDisk> disks(UUID vmId) {
        return List.of();
    }

    @Override
    public void close() {}

    /// Their daemons, which report and do nothing else.
    Guests guests() {
        return new Daemons();
    }

    private final class Daemons implements Guests {

        @Override
        public Optional<GuestHint> hint(UUID vmId) {
            long usable = usable((int) vmId.getLeastSignificantBits());
            return Optional.of(new GuestHint(usable, 0, 0, 0, 0, 0, Duration.ofMillis(100)));
        }

        @Override
        public void awaitHello(UUID vmId, Duration deadline) {}

        @Override
        public void reclaim(UUID vmId, long bytes, Duration deadline) {}

        @Override
        public Reply swapOn(UUID vmId, String serial, long sizeBytes, Duration deadline)
                throws GuestSilentException {
            throw new GuestSilentException("this guest swaps nothing");
        }

        @Override
        public Reply swapOff(UUID vmId, String serial, Duration deadline)
                throws GuestSilentException {
            throw new GuestSilentException("this guest swaps nothing");
        }
    }
}
