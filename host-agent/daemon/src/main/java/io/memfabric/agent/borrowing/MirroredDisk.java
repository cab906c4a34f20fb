package io.memfabric.agent.borrowing;

import java.util.List;

/// The running device of a grant's mirrors. No request crosses from one extent to the next, see
/// [Splitter].
final class MirroredDisk implements BlockDevice {

    private final Mirrors mirrors;
    private final Requests requests;
    private final List<Mirrored> extents;
    private final Submitted submitted = new Submitted();

    MirroredDisk(Mirrors mirrors, Requests requests) {
        this.mirrors = mirrors;
        this.requests = requests;
        this.extents = mirrors.extents();
    }

    @Override
    public void submit(int slot) {
        long offset = requests.offset(slot);
        extentOf(offset).submit(slot, offset % RemoteDisk.EXTENT, submitted);
    }

    private Mirrored extentOf(long offset) {
        return extents.get((int) (offset / RemoteDisk.EXTENT));
    }

    @Override
    public void flush() {
        submitted.flush();
    }

    @Override
    public void send(int slot) {
        long offset = requests.offset(slot);
        extentOf(offset).send(slot, offset % RemoteDisk.EXTENT);
    }

    @Override
    public void abandon() {
        extents.forEach(Mirrored::abandon);
    }

    @Override
    public void close() {
        mirrors.close();
    }
}
