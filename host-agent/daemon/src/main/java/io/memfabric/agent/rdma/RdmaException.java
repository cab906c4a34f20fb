package io.memfabric.agent.rdma;

import java.io.IOException;

/// Verbs did not do what was asked. The code is stable and the message is one line for an operator.
public final class RdmaException extends IOException {

    private static final long serialVersionUID = 1;

    /// No native half can be loaded.
    public static final String NO_LIBRARY = "rdma_no_library";

    /// This host has no RDMA device, or its kernel modules are not loaded.
    public static final String NO_DEVICE = "rdma_no_device";

    /// The device files may not be opened.
    public static final String NO_PERMISSION = "rdma_no_permission";

    /// The kernel may not pin as much memory: the memlock limit is too low.
    public static final String MEMLOCK = "rdma_memlock";

    /// The address is on no RDMA device, or a GID or MTU does not fit.
    public static final String NO_ROUTE = "rdma_no_route";

    /// The peer did not take the connection.
    public static final String REFUSED = "rdma_refused";

    /// The peer did not answer in time.
    public static final String TIMEOUT = "rdma_timeout";

    /// More than a registration can have.
    public static final String TOO_LARGE = "rdma_too_large";

    /// The connection has ended.
    public static final String ENDED = "rdma_ended";

    /// Everything else.
    public static final String FAILED = "rdma_failed";

    private final String code;

    public RdmaException(String code, String message) {
        super(message);
        this.code = code;
    }

    public RdmaException(String code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public String code() {
        return code;
    }
}
