package io.memfabric.broker.database;

/// The embedded PostgreSQL cannot start; the message tells an operator why.
final class PostgresStartException extends RuntimeException {

    private static final long serialVersionUID = 1;

    PostgresStartException(Throwable cause) {
        super(cause.getMessage(), cause);
    }
}
