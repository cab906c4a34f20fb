package io.memfabric.agent.balloon;

import io.memfabric.agent.guest.FakeGuests;
import io.memfabric.agent.hypervisor.FakeHypervisor;
import io.memfabric.agent.lending.FakeLending;
import io.memfabric.agent.policy.BalloonRules;
import io.memfabric.agent.policy.VmMemory.Backing;
import io.memfabric.contract.agent.VmPolicy;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/// A loop between fakes.
abstract class LoopStand {

    static final UUID VM = new UUID(0, 1);
    static final UUID OTHER = new UUID(0, 2);
    static final long LIMIT = MemorySize.ofGib(100).bytes();

    final List<String> journal = new CopyOnWriteArrayList<>();
    final FakeHypervisor hypervisor = new FakeHypervisor(journal);
    final FakeGuests guests = new FakeGuests(journal);
    final FakeLending lending = new FakeLending(journal);
    final FakeEyes eyes = new FakeEyes();

    /// The clock by which the broker was heard.
    final AtomicLong brokerNanos = new AtomicLong();

    final Directives directives = new Directives(brokerNanos::get);
    final BalloonLoop loop =
            new BalloonLoop(
                    new BalloonLoop.Parts(
                            hypervisor,
                            guests,
                            eyes,
                            lending,
                            directives,
                            VmPolicy::usual,
                            growth(),
                            vmId -> vmId.equals(OTHER),
                            new BalloonRules(
                                    MemorySize.ofMib(96),
                                    MemorySize.ofMib(40),
                                    MemorySize.ofMib(128)),
                            MemorySize.ofMib(1024).bytes()));

    private static Growth growth() {
        try {
            return Growth.load(
                    Path.of("/nonexistent/growth.json"),
                    new BalloonRules(
                            MemorySize.ofMib(96), MemorySize.ofMib(40), MemorySize.ofMib(128)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static final class FakeEyes implements HostEyes {
        long availableMib = 8192;
        Backing backing = Backing.USUAL;
        final Map<UUID, Long> residentMib = new HashMap<>();

        @Override
        public Memory memory() {
            return new Memory(16_384L << 20, availableMib << 20);
        }

        @Override
        public long residentBytes(UUID vmId, long maxBytes) {
            Long mib = residentMib.get(vmId);
            return mib == null ? maxBytes : mib << 20;
        }

        @Override
        public Backing backing(UUID vmId) {
            return backing;
        }

        @Override
        public void retain(Set<UUID> vmIds) {
            residentMib.keySet().retainAll(vmIds);
        }
    }

    HostView view() {
        return Objects.requireNonNull(loop.view());
    }
}
