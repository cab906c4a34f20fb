package io.memfabric.contract.vocabulary;

/// The sizes that every part of the fabric agrees on.
public final class FabricLimits {

    /// A page, the smallest unit that is read, written, sealed or verified.
    public static final MemorySize PAGE = MemorySize.ofKib(4);

    /// A region: the unit in which a lender lends and the broker keeps its ledger.
    public static final MemorySize REGION = MemorySize.ofMib(64);

    /// The largest grant: 1 TiB, 16,384 regions.
    public static final MemorySize GRANT_MAX = MemorySize.ofGib(1024);

    /// virtio-blk cuts a disk's serial to this many characters.
    public static final int SERIAL_CHARS = 20;

    private FabricLimits() {}
}
