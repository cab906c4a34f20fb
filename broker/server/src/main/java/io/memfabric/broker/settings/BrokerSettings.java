package io.memfabric.broker.settings;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The settings under `memfabric.`; a key that is not here stops the start.
///
/// @param dataDir where the embedded PostgreSQL and the first API token live
/// @param dbUrl the JDBC URL of a PostgreSQL to use instead of the embedded one
/// @param lenderSilence how long a lender may say nothing while a borrower does not reach it, before
///     a mirrored grant gets another copy elsewhere
/// @param prepareDeadline how long a silent lender may take to prepare regions, before it counts as
///     unwilling
/// @param recoverySettle how long a ledger that lost commits waits for its hosts at least
/// @param postgres the embedded PostgreSQL
@ConfigurationProperties(prefix = "memfabric", ignoreUnknownFields = false)
public record BrokerSettings(
        Path dataDir,
        @Nullable String dbUrl,
        @Nullable String dbUser,
        @Nullable String dbPassword,
        @DefaultValue("10s") Duration lenderSilence,
        @DefaultValue("30s") Duration prepareDeadline,
        @DefaultValue("10s") Duration recoverySettle,
        @DefaultValue Postgres postgres) {

    /// The embedded PostgreSQL.
    ///
    /// @param binariesDir where its binaries are unpacked, by default in the data directory
    /// @param user the account it runs under where the broker runs as root
    public record Postgres(@Nullable Path binariesDir, @DefaultValue("nobody") String user) {}

    public BrokerSettings {
        dataDir = dataDir.toAbsolutePath().normalize();
        if (dbUrl != null && !dbUrl.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException("memfabric.db-url must start with jdbc:postgresql:");
        }
        if (dbUrl == null && (dbUser != null || dbPassword != null)) {
            throw new IllegalArgumentException(
                    "memfabric.db-user and memfabric.db-password need memfabric.db-url");
        }
    }
}
