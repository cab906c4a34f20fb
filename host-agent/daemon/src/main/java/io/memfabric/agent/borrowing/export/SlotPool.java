package io.memfabric.agent.borrowing.export;

import io.memfabric.agent.borrowing.Requests;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The slots of a device's requests, one bit each. One thread takes them; any thread gives them
/// back, a batch of them in one step.
final class SlotPool {

    private static final long ALL = -1L;

    static {
        assert Requests.SLOTS == Long.SIZE;
    }

    private final AtomicLong released = new AtomicLong();
    private volatile @Nullable Thread waiting;

    /// The taker's own view, behind by what is in [#released].
    private long free = ALL;

    private final int[] uses = new int[Requests.SLOTS];

    /// Takes a slot, or answers -1 where none is free.
    int take() {
        if (free == 0) {
            collect();
        }
        if (free == 0) {
            return -1;
        }
        int slot = Long.numberOfTrailingZeros(free);
        free &= free - 1;
        uses[slot]++;
        return slot;
    }

    /// How often this slot was taken.
    int uses(int slot) {
        return uses[slot];
    }

    /// Whether the request that took the slot for the `use`th time still has it, as far as the taker
    /// knows.
    boolean isHeld(int slot, int use) {
        return uses[slot] == use && (free >>> slot & 1) == 0;
    }

    /// Takes notice of what was given back.
    void collect() {
        if (released.getPlain() != 0) {
            free |= released.getAndSet(0);
        }
    }

    boolean isAllFree() {
        collect();
        return free == ALL;
    }

    /// Gives slots back.
    void release(long slots) {
        released.getAndUpdate(before -> before | slots);
        Thread taker = waiting;
        if (taker != null) {
            LockSupport.unpark(taker);
        }
    }

    /// Waits for a slot to be given back, or for [#wake], or a while.
    void await(long time, TimeUnit unit) {
        waiting = Thread.currentThread();
        if (released.get() == 0) {
            LockSupport.parkNanos(this, unit.toNanos(time));
        }
        waiting = null;
    }

    void wake() {
        Thread taker = waiting;
        if (taker != null) {
            LockSupport.unpark(taker);
        }
    }
}
