package io.memfabric.agent.borrowing;

import org.jspecify.annotations.Nullable;

/// A device could not be built.
public final class BorrowingException extends Exception {

    private static final long serialVersionUID = 1;

    private final String code;

    /// @param code a stable code such as `leg_unreachable`
    /// @param message one sentence for an operator
    public BorrowingException(String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public String code() {
        return code;
    }
}
