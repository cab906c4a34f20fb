package io.memfabric.agent.lending;

import io.memfabric.contract.vocabulary.FabricLimits;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// A region in a file, mapped. While it is free the file is all hole; once claimed, it has every
/// block that it can need, so that no write finds the disk full.
final class SpillRegion implements RegionMemory {

    private static final long BYTES = FabricLimits.REGION.bytes();

    private final Path file;
    private final Arena owner;
    private final MemorySegment segment;

    private SpillRegion(Path file, Arena owner, MemorySegment segment) {
        this.file = file;
        this.owner = owner;
        this.segment = segment;
    }

    /// Maps the file, which is made where it is not there.
    ///
    /// @throws LendingException with code `spill_failed` where that cannot be done
    // The arena lives as long as the region does, and is closed by close().
    @SuppressWarnings("MustBeClosedChecker")
    static SpillRegion map(Path file) {
        Arena owner = Arena.ofShared();
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(BYTES);
            return new SpillRegion(
                    file,
                    owner,
                    open.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, BYTES, owner));
        } catch (IOException e) {
            owner.close();
            throw failed(file, e);
        }
    }

    private static LendingException failed(Path file, IOException cause) {
        return new LendingException("spill_failed", file + ": " + cause.getMessage());
    }

    @Override
    public ByteBuffer bytes() {
        return segment.asByteBuffer();
    }

    @Override
    public void back() {
        NativeFiles.allocate(file, BYTES);
    }

    /// The mapping stays: what it showed is cut off with the file, and zeros come in its place.
    @Override
    public void zero() {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(0);
            open.setLength(BYTES);
        } catch (IOException e) {
            segment.fill((byte) 0);
        }
    }

    @Override
    public void close() {
        owner.close();
    }
}
