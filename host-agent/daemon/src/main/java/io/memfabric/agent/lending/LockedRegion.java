package io.memfabric.agent.lending;

import io.memfabric.contract.vocabulary.FabricLimits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// A region of the host's memory: locked, zeroed, its own mapping.
final class LockedRegion implements RegionMemory {

    private final Arena owner;
    private final MemorySegment segment;

    private LockedRegion(Arena owner, MemorySegment segment) {
        this.owner = owner;
        this.segment = segment;
    }

    /// Maps a region.
    ///
    /// @throws LendingException where the kernel refuses
    // The arena lives as long as the region does, and is closed by close().
    @SuppressWarnings("MustBeClosedChecker")
    static LockedRegion map() {
        Arena owner = Arena.ofShared();
        try {
            return new LockedRegion(
                    owner, NativeMemory.mapLocked(FabricLimits.REGION.bytes(), owner));
        } catch (RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    @Override
    public ByteBuffer bytes() {
        return segment.asByteBuffer();
    }

    @Override
    public void zero() {
        segment.fill((byte) 0);
    }

    /// Gives the memory back to the kernel.
    @Override
    public void close() {
        owner.close();
    }
}
