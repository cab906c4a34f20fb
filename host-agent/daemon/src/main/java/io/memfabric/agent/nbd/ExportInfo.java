package io.memfabric.agent.nbd;

/// What a server says of an export.
///
/// @param sizeBytes its size
/// @param flags its transmission flags
/// @param minBlock the unit in bytes that offsets and lengths must be multiples of
/// @param maxPayload the longest read or write, in bytes
public record ExportInfo(long sizeBytes, int flags, int minBlock, int maxPayload) {

    private static final int PREFERRED_BLOCK = 4096;
    private static final int PLAIN_FLAGS =
            Nbd.HAS_FLAGS | Nbd.SEND_FLUSH | Nbd.SEND_FUA | Nbd.SEND_TRIM | Nbd.SEND_WRITE_ZEROES;

    public ExportInfo {
        if (sizeBytes < 0 || minBlock < 1 || maxPayload < minBlock) {
            throw new IllegalArgumentException("an export of impossible size");
        }
    }

    /// An export for one client at a time.
    public static ExportInfo ofOneClient(long sizeBytes, int minBlock, int maxPayload) {
        return new ExportInfo(sizeBytes, PLAIN_FLAGS, minBlock, maxPayload);
    }

    /// An export whose clients all see each other's acknowledged writes.
    public static ExportInfo ofManyClients(long sizeBytes, int minBlock, int maxPayload) {
        return new ExportInfo(sizeBytes, PLAIN_FLAGS | Nbd.CAN_MULTI_CONN, minBlock, maxPayload);
    }

    int preferredBlock() {
        return Math.max(PREFERRED_BLOCK, minBlock);
    }

    /// The error that a request earns by its header alone, or [Nbd#OK]. Flags and commands that were
    /// not offered are EINVAL, as the protocol says; so is a read past the end, while a write there
    /// is ENOSPC.
    public int errorOf(RequestHeader request) {
        int command = request.command();
        int allowed =
                switch (command) {
                    case Nbd.CMD_READ, Nbd.CMD_WRITE, Nbd.CMD_FLUSH, Nbd.CMD_TRIM -> Nbd.FLAG_FUA;
                    case Nbd.CMD_WRITE_ZEROES -> Nbd.FLAG_FUA | Nbd.FLAG_NO_HOLE;
                    default -> -1;
                };
        if (allowed == -1 || (request.flags() & ~allowed) != 0) {
            return Nbd.EINVAL;
        }
        long offset = request.offset();
        long length = request.length();
        if (command == Nbd.CMD_FLUSH) {
            return offset == 0 && length == 0 ? Nbd.OK : Nbd.EINVAL;
        }
        if (offset < 0 || offset > sizeBytes || length > sizeBytes - offset) {
            return command == Nbd.CMD_READ || command == Nbd.CMD_TRIM ? Nbd.EINVAL : Nbd.ENOSPC;
        }
        if ((offset | length) % minBlock != 0) {
            return Nbd.EINVAL;
        }
        boolean hasPayload = command == Nbd.CMD_READ || command == Nbd.CMD_WRITE;
        return hasPayload && length > maxPayload ? Nbd.EINVAL : Nbd.OK;
    }
}
