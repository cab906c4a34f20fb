package io.memfabric.agent.brokerlink;

import java.io.IOException;

/// The broker could not be reached, or answered with an error.
final class BrokerException extends IOException {

    private static final long serialVersionUID = 1;

    private static final int NOT_FOUND = 404;
    private static final int UNAUTHORIZED = 401;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int CLIENT_ERRORS = 400;
    private static final int SERVER_ERRORS = 500;

    private final int status;

    /// @param status the HTTP status
    BrokerException(int status, String message) {
        super(message);
        this.status = status;
    }

    /// Whether there is no such thing.
    boolean isNotFound() {
        return status == NOT_FOUND;
    }

    boolean isUnauthorized() {
        return status == UNAUTHORIZED;
    }

    /// Whether the same request would be refused again, whenever it is made.
    boolean isFinal() {
        return status >= CLIENT_ERRORS
                && status < SERVER_ERRORS
                && status != UNAUTHORIZED
                && status != REQUEST_TIMEOUT
                && status != TOO_MANY_REQUESTS;
    }
}
