package io.memfabric.broker.session;

import io.memfabric.broker.settings.BrokerSettings;
import java.security.SecureRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.stereotype.Component;

/// Makes the account `admin` where there is no account yet, and prints its password this once. With
/// `memfabric.reset-admin-password` it gives that account a new one at this start.
@Component
class FirstPassword implements SmartInitializingSingleton {

    private static final Logger LOG = LoggerFactory.getLogger(FirstPassword.class);
    private static final String NAME = "admin";

    /// Without those that are taken for one another.
    private static final String LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

    private final LocalUsers users;
    private final BrokerSettings settings;

    FirstPassword(LocalUsers users, BrokerSettings settings) {
        this.users = users;
        this.settings = settings;
    }

    @Override
    public void afterSingletonsInstantiated() {
        if (settings.resetAdminPassword() || users.isEmpty()) {
            String password = make(new SecureRandom());
            users.setAdmin(NAME, password);
            LOG.info(
                    "sign in to the dashboard as {} with the password {} (shown only now; change it"
                            + " there)",
                    NAME,
                    password);
        }
    }

    /// Four groups of five out of 32 letters: 100 random bits.
    static String make(SecureRandom random) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            if (i > 0 && i % 5 == 0) {
                text.append('-');
            }
            text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return text.toString();
    }
}
