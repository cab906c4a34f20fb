package io.memfabric.broker.settings;

import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The settings under `memfabric.`; a key that is not here stops the start.
///
/// @param dataDir where the embedded PostgreSQL and the first API token live
/// @param dbUrl the JDBC URL of a PostgreSQL to use instead of the embedded one
/// @param authorityFile the key of the fabric's authority, the same for all brokers on one database;
///     by default in the data directory
/// @param brokerUrl where the other brokers on the database reach this one's API; without it they
///     answer for its hosts with what is in the ledger
/// @param lenderSilence how long a lender may say nothing while a borrower does not reach it, before
///     a mirrored grant gets another copy elsewhere
/// @param prepareDeadline how long a silent lender may take to prepare regions, before it counts as
///     unwilling
/// @param recoverySettle how long a ledger that lost commits waits for its hosts at least
/// @param hostLostAfter how long a host may say nothing before it counts as lost; 0 where only an
///     operator says so
/// @param resetAdminPassword whether the dashboard's account `admin` gets a new password at this
///     start, which is printed
/// @param agents how agents reach the broker
/// @param postgres the embedded PostgreSQL
/// @param oidc whose signed tokens (JWT) are accepted besides the broker's own
/// @param limits how much one tenant and one address may ask
/// @param history for how long what the fabric had is kept
@ConfigurationProperties(prefix = "memfabric", ignoreUnknownFields = false)
public record BrokerSettings(
        Path dataDir,
        @Nullable String dbUrl,
        @Nullable String dbUser,
        @Nullable String dbPassword,
        @Nullable Path authorityFile,
        @Nullable URI brokerUrl,
        @DefaultValue("10s") Duration lenderSilence,
        @DefaultValue("30s") Duration prepareDeadline,
        @DefaultValue("10s") Duration recoverySettle,
        @DefaultValue("0s") Duration hostLostAfter,
        @DefaultValue("false") boolean resetAdminPassword,
        @DefaultValue Agents agents,
        @DefaultValue Postgres postgres,
        @DefaultValue Oidc oidc,
        @DefaultValue Limits limits,
        @DefaultValue History history) {

    /// Whether the ledger is in a PostgreSQL that is named, which other brokers may use too.
    public boolean isLedgerShared() {
        return dbUrl != null;
    }

    /// The agents' way in.
    ///
    /// @param security `mutual-tls`, or `trusted-network`: agents come to the API's own port, and
    ///     whoever reads that network reads their tokens
    /// @param address where their port listens; by default as the API's
    /// @param port their port with mutual TLS; 0 is any
    public record Agents(
            @DefaultValue("mutual-tls") Security security,
            @Nullable InetAddress address,
            @DefaultValue("7443") int port) {

        /// Whether connections prove who is at either end.
        public enum Security {
            MUTUAL_TLS,
            TRUSTED_NETWORK
        }
    }

    /// An OpenID Connect issuer. There is none where `issuer` is not set.
    ///
    /// @param issuer what its tokens must name as `iss`
    /// @param jwksUri where its public keys are: https, or http on this machine
    /// @param audience what its tokens must name as `aud`
    /// @param roleClaim the claim with the roles, as a list or as words
    /// @param tenantClaim the claim with the name of the tenant
    /// @param clockSkew by how much its clock and ours may differ, at most a minute
    public record Oidc(
            @Nullable String issuer,
            @Nullable URI jwksUri,
            @DefaultValue("memfabric") String audience,
            @DefaultValue("memfabric_roles") String roleClaim,
            @DefaultValue("memfabric_tenant") String tenantClaim,
            @DefaultValue("0s") Duration clockSkew) {

        public Oidc {
            if ((issuer == null) != (jwksUri == null)) {
                throw new IllegalArgumentException(
                        "memfabric.oidc.issuer and memfabric.oidc.jwks-uri need each other");
            }
            if (jwksUri != null && !isTrustworthy(jwksUri)) {
                throw new IllegalArgumentException(
                        "memfabric.oidc.jwks-uri must be https, or http on a loopback address");
            }
            if (clockSkew.isNegative() || clockSkew.compareTo(Duration.ofMinutes(1)) > 0) {
                throw new IllegalArgumentException("memfabric.oidc.clock-skew must be 0s to 60s");
            }
        }

        private static boolean isTrustworthy(URI uri) {
            String host = uri.getHost();
            return host != null
                    && ("https".equals(uri.getScheme())
                            || ("http".equals(uri.getScheme())
                                    && (host.equals("localhost") || host.startsWith("127."))));
        }
    }

    /// Requests a second, with bursts of twice as many.
    ///
    /// @param tenantRate of all callers of one tenant
    /// @param sourceRate of one address, on the routes of the API
    /// @param failureRate of one address, that are refused for want of a valid token
    /// @param slowestBody how long a body may take from its first byte to its last
    public record Limits(
            @DefaultValue("1000") int tenantRate,
            @DefaultValue("2000") int sourceRate,
            @DefaultValue("50") int failureRate,
            @DefaultValue("20s") Duration slowestBody) {

        public Limits {
            if (tenantRate < 1 || sourceRate < 1 || failureRate < 1) {
                throw new IllegalArgumentException("memfabric.limits must be 1 or more");
            }
            if (slowestBody.toMillis() < 1) {
                throw new IllegalArgumentException(
                        "memfabric.limits.slowest-body must be positive");
            }
        }
    }

    /// How long the capacity of the fabric and of each host is kept.
    ///
    /// @param minutes minute by minute; at 10,000 hosts a day takes about 2 GB
    /// @param hours hour by hour
    public record History(
            @DefaultValue("8d") Duration minutes, @DefaultValue("400d") Duration hours) {

        public History {
            if (minutes.compareTo(Duration.ofDays(1)) < 0 || hours.compareTo(minutes) < 0) {
                throw new IllegalArgumentException(
                        "memfabric.history.minutes must be 1d or more, .hours no less");
            }
        }
    }

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
