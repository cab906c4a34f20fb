package io.memfabric.agent.lending;

import io.memfabric.contract.vocabulary.FabricLimits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// One region's memory: locked, zeroed, its own mapping.
final class RegionMemory implements AutoCloseable {

    private final Arena owner;
    private final MemorySegment segment;

    private RegionMemory(Arena owner, MemorySegment segment) {
        this.owner = owner;
        this.segment = segment;
    }

    /// Maps a region.
    ///
    /// @throws LendingException where the kernel refuses
    // The arena lives as long as the region does, and is closed by close().
    @SuppressWarnings("MustBeClosedChecker")
    static RegionMemory map() {
        Arena owner = Arena.ofShared();
        try {
            return new RegionMemory(
                    owner, NativeMemory.mapLocked(FabricLimits.REGION.bytes(), owner));
        } catch (RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    /// The memory for a server to read and write. Using it after [#close] throws.
    ByteBuffer bytes() {
        return segment.asByteBuffer();
    }

    void zero() {
        segment.fill((byte) 0);
    }

    /// Gives the memory back to the kernel.
    @Override
    public void close() {
        owner.close();
    }
}
