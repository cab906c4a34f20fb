package io.memfabric.client;

/// Something that the broker refused, that failed later, or a broker that cannot be reached.
public final class FabricException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /// The code where no broker answers.
    public static final String UNREACHABLE = "broker_unreachable";

    /// The code where an operation was not done in the time that its caller had.
    public static final String TIMEOUT = "operation_timeout";

    private final String code;
    private final int status;
    private final boolean retryable;

    /// @param code stable, see `Problem.code` in `broker.yaml`
    /// @param status of HTTP, or 0 where there was none
    /// @param retryable whether the same request may succeed later
    public FabricException(String code, int status, boolean retryable, String detail) {
        super(code + ": " + detail);
        this.code = code;
        this.status = status;
        this.retryable = retryable;
    }

    public String code() {
        return code;
    }

    public int status() {
        return status;
    }

    public boolean isRetryable() {
        return retryable;
    }
}
