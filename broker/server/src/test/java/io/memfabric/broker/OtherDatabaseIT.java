package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.TestBroker;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/// A broker on a PostgreSQL that is not its own.
class OtherDatabaseIT {

    @Test
    void usesThePostgresqlThatIsNamedAndStartsNone() throws Exception {
        TestBroker shared = TestBroker.shared();
        JdbcConnectionDetails there = shared.bean(JdbcConnectionDetails.class);
        JdbcClient.create(shared.bean(DataSource.class)).sql("create database elsewhere").update();
        Path dataDir = TestBroker.newDataDir();
        try (ConfigurableApplicationContext broker =
                new SpringApplicationBuilder(BrokerApplication.class)
                        .run(
                                "--server.port=0",
                                "--memfabric.agents.port=0",
                                "--memfabric.data-dir=" + dataDir,
                                "--memfabric.db-url="
                                        + there.getJdbcUrl().replace("/postgres", "/elsewhere"),
                                "--memfabric.db-user=" + there.getUsername(),
                                "--memfabric.db-password=" + there.getPassword())) {
            assertThat(
                            JdbcClient.create(broker.getBean(DataSource.class))
                                    .sql("select current_database()")
                                    .query(String.class)
                                    .single())
                    .isEqualTo("elsewhere");
            assertThat(dataDir.resolve("admin-token")).exists();
            assertThat(dataDir.resolve("postgres")).doesNotExist();
        } finally {
            TestBroker.deleteTree(dataDir);
        }
    }
}
