package io.memfabric.agent.borrowing.kept;

import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.KeptMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// A memfd, mapped. Words are stored with release order, which on this process' own death is all the
/// order that there is to keep.
final class MemfdMemory implements KeptMemory {

    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

    private final Arena owner;
    private final MemorySegment memory;
    private final int descriptor;

    private MemfdMemory(Arena owner, MemorySegment memory, int descriptor) {
        this.owner = owner;
        this.memory = memory;
        this.descriptor = descriptor;
    }

    // The arena lives as long as the memory does, and is closed by destroy().
    @SuppressWarnings("MustBeClosedChecker")
    static MemfdMemory create(String name, long bytes) throws BorrowingException {
        int descriptor = MemfdCalls.create(name, bytes);
        Arena owner = Arena.ofShared();
        try {
            return new MemfdMemory(owner, MemfdCalls.map(descriptor, bytes, owner), descriptor);
        } catch (BorrowingException | RuntimeException e) {
            owner.close();
            MemfdCalls.close(descriptor);
            throw e;
        }
    }

    /// Maps memory that an earlier process made. Closes the descriptor where that fails.
    // The arena lives as long as the memory does, and is closed by destroy().
    @SuppressWarnings("MustBeClosedChecker")
    static MemfdMemory adopt(int descriptor) throws BorrowingException {
        Arena owner = Arena.ofShared();
        try {
            long bytes = MemfdCalls.lengthOfSealed(descriptor);
            return new MemfdMemory(owner, MemfdCalls.map(descriptor, bytes, owner), descriptor);
        } catch (BorrowingException | RuntimeException e) {
            owner.close();
            MemfdCalls.close(descriptor);
            throw e;
        }
    }

    int descriptor() {
        return descriptor;
    }

    @Override
    public long bytes() {
        return memory.byteSize();
    }

    @Override
    public long getLong(long offset) {
        return (long) WORD.getAcquire(memory, offset);
    }

    @Override
    public void putLong(long offset, long value) {
        WORD.setRelease(memory, offset, value);
    }

    void destroy() {
        memory.fill((byte) 0);
        // The fill must not be dropped as a store that nobody reads.
        VarHandle.fullFence();
        owner.close();
        MemfdCalls.close(descriptor);
    }
}
