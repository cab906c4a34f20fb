package io.memfabric.agent.nbd;

/// The numbers of the NBD protocol, as `doc/proto.md` of the NBD project has them.
public final class Nbd {

    /// The server's first eight bytes.
    static final long MAGIC = 0x4e42444d41474943L;

    /// Announces options, and begins each of them.
    static final long OPTION_MAGIC = 0x49484156454F5054L;

    static final long OPTION_REPLY_MAGIC = 0x0003e889045565a9L;
    static final int REQUEST_MAGIC = 0x25609513;
    static final int REPLY_MAGIC = 0x67446698;

    static final int FIXED_NEWSTYLE = 1;
    static final int NO_ZEROES = 1 << 1;

    static final int OPT_EXPORT_NAME = 1;
    static final int OPT_ABORT = 2;
    static final int OPT_LIST = 3;
    static final int OPT_STARTTLS = 5;
    static final int OPT_INFO = 6;
    static final int OPT_GO = 7;

    /// Not of the NBD project: asks that the export opened next on this connection has no other
    /// client. See `api-spec/wire/region-over-nbd.md`.
    static final int OPT_SOLE_CLIENT = 0x6d660001;

    static final int REP_ACK = 1;
    static final int REP_INFO = 3;
    static final int REP_ERR_UNSUP = 0x80000001;
    static final int REP_ERR_POLICY = 0x80000002;
    static final int REP_ERR_INVALID = 0x80000003;
    static final int REP_ERR_TLS_REQD = 0x80000005;
    static final int REP_ERR_UNKNOWN = 0x80000006;

    static final int INFO_EXPORT = 0;
    static final int INFO_BLOCK_SIZE = 3;

    static final int HAS_FLAGS = 1;
    static final int SEND_FLUSH = 1 << 2;
    static final int SEND_FUA = 1 << 3;
    static final int SEND_TRIM = 1 << 5;
    static final int SEND_WRITE_ZEROES = 1 << 6;
    static final int CAN_MULTI_CONN = 1 << 8;

    public static final int CMD_READ = 0;
    public static final int CMD_WRITE = 1;
    public static final int CMD_DISC = 2;
    public static final int CMD_FLUSH = 3;
    public static final int CMD_TRIM = 4;
    public static final int CMD_WRITE_ZEROES = 6;

    static final int FLAG_FUA = 1;
    static final int FLAG_NO_HOLE = 1 << 1;

    /// No error.
    public static final int OK = 0;

    /// The request is not one that this server offers.
    public static final int EINVAL = 22;

    /// A write past the end.
    public static final int ENOSPC = 28;

    /// The largest payload that a client may send without asking: a longer one ends the connection,
    /// because nothing obliges us to read through it.
    public static final int MAX_PAYLOAD = 32 << 20;

    /// The longest string of the protocol, in bytes.
    static final int MAX_STRING = 4096;

    private Nbd() {}
}
