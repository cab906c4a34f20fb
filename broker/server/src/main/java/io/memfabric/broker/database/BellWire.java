package io.memfabric.broker.database;

import io.memfabric.broker.settings.BrokerSettings;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.stereotype.Component;

/// Hears the bells of the other brokers on the same ledger (LISTEN). A bell that gets lost delays
/// whoever waits for it and does nothing else, so a lost connection is simply made again.
@Component
class BellWire implements SmartInitializingSingleton, DisposableBean {

    private static final System.Logger LOG = System.getLogger(BellWire.class.getName());
    private static final int LISTEN_MILLIS = 5_000;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Bells bells;
    private final JdbcConnectionDetails database;
    private final boolean shared;
    private @Nullable Thread listener;

    BellWire(Bells bells, JdbcConnectionDetails database, BrokerSettings settings) {
        this.bells = bells;
        this.database = database;
        this.shared = settings.isLedgerShared();
    }

    @Override
    public void afterSingletonsInstantiated() {
        if (shared) {
            listener = Thread.ofPlatform().name("bell-wire").daemon().start(this::listenForever);
        }
    }

    private void listenForever() {
        while (!Thread.currentThread().isInterrupted()) {
            try (Connection connection = connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("listen " + Bells.CHANNEL);
                bells.ringAll();
                listen(connection.unwrap(PGConnection.class));
            } catch (SQLException e) {
                LOG.log(Level.DEBUG, "bells of other brokers are not heard", e);
                pause();
            }
        }
    }

    private void listen(PGConnection connection) throws SQLException {
        while (!Thread.currentThread().isInterrupted()) {
            PGNotification[] news = connection.getNotifications(LISTEN_MILLIS);
            if (news != null) {
                for (PGNotification one : news) {
                    bells.ring(one.getParameter());
                }
            }
        }
    }

    private Connection connect() throws SQLException {
        Properties account = new Properties();
        if (database.getUsername() != null) {
            account.setProperty("user", database.getUsername());
        }
        if (database.getPassword() != null) {
            account.setProperty("password", database.getPassword());
        }
        account.setProperty("connectTimeout", "5");
        account.setProperty("tcpKeepAlive", "true");
        return DriverManager.getConnection(database.getJdbcUrl(), account);
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void destroy() {
        if (listener != null) {
            listener.interrupt();
        }
    }
}
