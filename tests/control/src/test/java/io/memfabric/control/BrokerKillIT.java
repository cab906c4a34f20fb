package io.memfabric.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A broker, or its database, is killed while 200 grants are under way: every grant ends active once
/// or failed with everything free.
class BrokerKillIT {

    private static final Path ROOT = Path.of(System.getProperty("memfabric.root"));
    private static final int GRANTS = 200;
    private static final int CALLERS = 24;

    private Fabric fabric;

    @BeforeEach
    void start() throws Exception {
        fabric = Fabric.start(ROOT, 4, 150);
    }

    @AfterEach
    void stop() throws Exception {
        fabric.close();
    }

    /// Fault F5.
    @Test
    void everyGrantEndsOneWayWhenTheBrokerIsKilled() throws Exception {
        GrantStorm storm = fabric.storm();
        for (int cycle = 1; cycle <= Integer.getInteger("broker.cycles", 5); cycle++) {
            GrantStorm.Outcome outcome = storm.run(GRANTS, CALLERS, fabric::killBroker);
            assertThat(outcome)
                    .as("cycle " + cycle)
                    .extracting(
                            GrantStorm.Outcome::lost,
                            GrantStorm.Outcome::doubled,
                            GrantStorm.Outcome::leaked)
                    .containsExactly(0, 0, 0);
            assertThat(outcome.active()).isPositive();
        }
    }

    /// Fault F6.
    @Test
    void everyGrantEndsOneWayWhenThePostmasterIsKilled() throws Exception {
        GrantStorm storm = fabric.storm();
        for (int cycle = 1; cycle <= Integer.getInteger("postmaster.cycles", 3); cycle++) {
            GrantStorm.Outcome outcome =
                    storm.run(GRANTS, CALLERS, () -> Postmaster.kill(fabric.dataDir()));
            assertThat(outcome)
                    .as("cycle " + cycle)
                    .extracting(
                            GrantStorm.Outcome::lost,
                            GrantStorm.Outcome::doubled,
                            GrantStorm.Outcome::leaked)
                    .containsExactly(0, 0, 0);
        }
        assertThat(Files.readString(fabric.broker().log()))
                .contains("has died and is started again");
    }
}
