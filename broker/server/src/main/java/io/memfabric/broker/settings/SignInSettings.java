package io.memfabric.broker.settings;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The settings under `memfabric-sign-in.`: how people sign in to the dashboard at the issuer that
/// `memfabric.oidc` names. They cannot where `client-id` is not set.
///
/// @param clientId what the issuer calls this broker
/// @param clientSecret what the issuer wants besides, if it wants any
/// @param externalUrl the dashboard's address as browsers see it, without a path
/// @param scope what is asked for; the tokens must then have the audience, the roles and the tenant
///     that `memfabric.oidc` names
@ConfigurationProperties(prefix = "memfabric-sign-in", ignoreUnknownFields = false)
public record SignInSettings(
        @Nullable String clientId,
        @Nullable String clientSecret,
        @Nullable URI externalUrl,
        @DefaultValue("openid") String scope) {

    public SignInSettings {
        if ((clientId == null) != (externalUrl == null)) {
            throw new IllegalArgumentException(
                    "memfabric-sign-in.client-id and memfabric-sign-in.external-url need each other");
        }
        if (externalUrl != null
                && (externalUrl.getHost() == null
                        || externalUrl.getRawQuery() != null
                        || !externalUrl.getRawPath().isEmpty())) {
            throw new IllegalArgumentException(
                    "memfabric-sign-in.external-url must be like https://memfabric.example.org");
        }
    }

    /// Whether people can sign in at the issuer.
    public boolean isSet() {
        return clientId != null;
    }

    /// The client id, which is set.
    public String needClientId() {
        if (clientId == null) {
            throw new IllegalStateException("memfabric-sign-in.client-id is not set");
        }
        return clientId;
    }

    /// The external URL, which is set.
    public URI needExternalUrl() {
        if (externalUrl == null) {
            throw new IllegalStateException("memfabric-sign-in.external-url is not set");
        }
        return externalUrl;
    }
}
