package io.memfabric.agent.borrowing.kept;

import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.Kept;
import io.memfabric.agent.borrowing.KeptMemory;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// Kept memory that lives as long as this process, and longer where its descriptors are stored.
public final class MemfdKept implements Kept {

    private final DescriptorStore store;
    private final Map<String, MemfdMemory> memories = new HashMap<>();

    public MemfdKept(DescriptorStore store) {
        this.store = store;
    }

    @Override
    public synchronized Optional<KeptMemory> find(String name) throws BorrowingException {
        MemfdMemory known = memories.get(name);
        if (known == null) {
            OptionalInt stored = store.claim(name);
            if (stored.isPresent()) {
                known = MemfdMemory.adopt(stored.getAsInt());
                memories.put(name, known);
            }
        }
        return Optional.ofNullable(known);
    }

    @Override
    public synchronized KeptMemory create(String name, long bytes) throws BorrowingException {
        if (memories.containsKey(name)) {
            throw new IllegalStateException("there is kept memory of this name already");
        }
        MemfdMemory memory = MemfdMemory.create(name, bytes);
        memories.put(name, memory);
        store.store(name, memory.descriptor());
        return memory;
    }

    @Override
    public synchronized void drop(String name) {
        MemfdMemory memory = memories.remove(name);
        if (memory == null) {
            memory = stored(name);
        }
        if (memory != null) {
            memory.destroy();
        }
        store.forget(name);
    }

    private @Nullable MemfdMemory stored(String name) {
        OptionalInt stored = store.claim(name);
        try {
            return stored.isPresent() ? MemfdMemory.adopt(stored.getAsInt()) : null;
        } catch (BorrowingException e) {
            // What cannot be mapped cannot be zeroed; the kernel does so when the last descriptor
            // is closed.
            return null;
        }
    }
}
