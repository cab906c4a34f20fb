package io.memfabric.agent.lending;

/// This host cannot lend as it was asked to.
public final class LendingException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String code;

    /// Made with a code and a sentence.
    ///
    /// @param code a stable code such as `memlock_limit`
    /// @param message one sentence for an operator
    LendingException(String code, String message) {
        super(message);
        this.code = code;
    }

    public String code() {
        return code;
    }
}
