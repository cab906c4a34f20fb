package io.memfabric.agent.systemd;

import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.Kept;
import io.memfabric.agent.borrowing.KeptMemory;
import io.memfabric.agent.borrowing.kept.DescriptorStore;
import io.memfabric.agent.borrowing.kept.MemfdKept;
import java.util.Optional;
import java.util.OptionalInt;

/// Kept memory whose descriptors the supervisor keeps when this process dies.
public final class HeldKept implements Kept {

    private final MemfdKept memories;

    /// Found as a service.
    public HeldKept() {
        this(Supervisor.ofThisProcess());
    }

    HeldKept(Supervisor manager) {
        memories = new MemfdKept(new Store(manager));
    }

    @Override
    public Optional<KeptMemory> find(String name) throws BorrowingException {
        return memories.find(name);
    }

    @Override
    public KeptMemory create(String name, long bytes) throws BorrowingException {
        return memories.create(name, bytes);
    }

    @Override
    public void drop(String name) {
        memories.drop(name);
    }

    private record Store(Supervisor manager) implements DescriptorStore {

        @Override
        public OptionalInt claim(String name) {
            return manager.claim(label(name));
        }

        @Override
        public void store(String name, int descriptor) {
            manager.store(label(name), descriptor);
        }

        @Override
        public void forget(String name) {
            manager.forget(label(name));
        }

        private static String label(String name) {
            return "kept-" + name;
        }
    }
}
