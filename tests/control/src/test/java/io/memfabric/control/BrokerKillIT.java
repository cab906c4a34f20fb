package io.memfabric.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A broker, or its database, is killed while 200 grants are under way: every grant ends active once
/// or failed with everything free.
class BrokerKillIT {

    private static final Path ROOT = Path.of(System.getProperty("memfabric.root"));
    private static final int GRANTS = 200;
    private static final int CALLERS = 24;

    private Path dataDir;
    private BrokerUnderTest broker;
    private List<SimulatedHost> lenders = List.of();
    private SimulatedHost borrower;
    private int port;

    @BeforeEach
    void start() throws Exception {
        dataDir = BrokerUnderTest.newDataDir();
        port = BrokerUnderTest.freePort();
        broker = BrokerUnderTest.start(ROOT, dataDir, port, List.of());
        broker.awaitReady();
        lenders = GrantStorm.lenders(broker.admin(), 4, 150);
        borrower = SimulatedHost.enroll(broker.admin(), "borrower", 0, 1);
        borrower.start();
    }

    @AfterEach
    void stop() throws Exception {
        lenders.forEach(SimulatedHost::close);
        if (borrower != null) {
            borrower.close();
        }
        broker.kill();
        Postmaster.awaitEnd(dataDir);
        BrokerUnderTest.deleteTree(dataDir);
    }

    /// Fault F5.
    @Test
    void everyGrantEndsOneWayWhenTheBrokerIsKilled() throws Exception {
        GrantStorm storm = new GrantStorm(broker.admin(), lenders, borrower, 2);
        for (int cycle = 1; cycle <= Integer.getInteger("broker.cycles", 5); cycle++) {
            GrantStorm.Outcome outcome = storm.run(GRANTS, CALLERS, this::killBroker);
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
        GrantStorm storm = new GrantStorm(broker.admin(), lenders, borrower, 2);
        for (int cycle = 1; cycle <= Integer.getInteger("postmaster.cycles", 3); cycle++) {
            GrantStorm.Outcome outcome = storm.run(GRANTS, CALLERS, () -> Postmaster.kill(dataDir));
            assertThat(outcome)
                    .as("cycle " + cycle)
                    .extracting(
                            GrantStorm.Outcome::lost,
                            GrantStorm.Outcome::doubled,
                            GrantStorm.Outcome::leaked)
                    .containsExactly(0, 0, 0);
        }
        assertThat(Files.readString(broker.log())).contains("has died and is started again");
    }

    private long killBroker() throws IOException, InterruptedException {
        broker.kill();
        broker = BrokerUnderTest.start(ROOT, dataDir, port, List.of());
        broker.awaitReady();
        return System.nanoTime();
    }
}
