package io.memfabric.agent.borrowing.kept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.KeptMemory;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class MemfdKeptTest {

    private static final String NAME = "memfabric-test";
    private static final int NO_DESCRIPTOR = 1 << 20;
    private static final long BYTES = 3 * 4096;

    /// Keeps numbers only: they stay valid as long as this process has the descriptors open.
    private static final class Numbers implements DescriptorStore {
        final Map<String, Integer> stored = new HashMap<>();

        @Override
        public OptionalInt claim(String name) {
            Integer descriptor = stored.get(name);
            return descriptor == null ? OptionalInt.empty() : OptionalInt.of(descriptor);
        }

        @Override
        public void store(String name, int descriptor) {
            stored.put(name, descriptor);
        }

        @Override
        public void forget(String name) {
            stored.remove(name);
        }
    }

    private final Numbers store = new Numbers();

    @Test
    void theNextProcessFindsWhatWasStored() throws Exception {
        KeptMemory memory = new MemfdKept(store).create(NAME, BYTES);
        assertThat(memory.getLong(BYTES - 8)).isZero();
        memory.putLong(BYTES - 8, 42);
        KeptMemory found = new MemfdKept(store).find(NAME).orElseThrow();
        assertThat(found.bytes()).isEqualTo(BYTES);
        assertThat(found.getLong(BYTES - 8)).isEqualTo(42);
    }

    @Test
    void dropsMemoryThatAnEarlierProcessStored() throws Exception {
        KeptMemory memory = new MemfdKept(store).create(NAME, BYTES);
        memory.putLong(0, 42);
        new MemfdKept(store).drop(NAME);
        assertThat(memory.getLong(0)).isZero();
        assertThat(store.stored).isEmpty();
    }

    @Test
    void refusesADescriptorThatIsNoSealedMemory() {
        store.store(NAME, NO_DESCRIPTOR);
        assertThatThrownBy(() -> new MemfdKept(store).find(NAME))
                .isInstanceOfSatisfying(
                        BorrowingException.class,
                        e -> assertThat(e.code()).isEqualTo("kept_memory_unavailable"));
    }

    @Test
    void neverReadsOrWritesPastTheEnd() throws Exception {
        KeptMemory memory = new MemfdKept(store).create(NAME, BYTES);
        assertThatThrownBy(() -> memory.getLong(BYTES))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.putLong(BYTES - 4, 1)).isInstanceOf(RuntimeException.class);
    }
}
