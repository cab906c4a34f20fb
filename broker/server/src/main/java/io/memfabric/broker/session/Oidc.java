package io.memfabric.broker.session;

import io.memfabric.broker.settings.BrokerSettings;

/// The sign-in at an identity provider.
final class Oidc {

    private Oidc() {}

    /// Whether there is a provider at which people can sign in.
    static boolean isSet(BrokerSettings settings) {
        return false;
    }
}
