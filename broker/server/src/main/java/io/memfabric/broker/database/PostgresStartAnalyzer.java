package io.memfabric.broker.database;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// Says in a few lines, instead of a stack trace, why there is no database.
final class PostgresStartAnalyzer extends AbstractFailureAnalyzer<PostgresStartException> {

    @Override
    protected FailureAnalysis analyze(Throwable root, PostgresStartException cause) {
        return new FailureAnalysis(
                "The embedded PostgreSQL cannot start: " + cause.getMessage(),
                "Mend what it says, or name another PostgreSQL with --memfabric.db-url.",
                cause);
    }
}
