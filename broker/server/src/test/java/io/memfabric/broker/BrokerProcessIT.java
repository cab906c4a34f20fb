package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.BrokerProcess;
import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.broker.testbed.TestBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A broker in a process of its own, and what it does when it is killed or badly told.
class BrokerProcessIT {

    private Path dataDir = Path.of("/nowhere");

    @BeforeEach
    void makeDataDir() throws IOException {
        dataDir = TestBroker.newDataDir();
    }

    @AfterEach
    void deleteDataDir() {
        TestBroker.deleteTree(dataDir);
    }

    @Test
    void leavesNoOrphanWhenItIsKilledAndFindsEverythingAgain() throws Exception {
        String token;
        long postmaster;
        try (BrokerProcess broker = BrokerProcess.start(dataDir)) {
            broker.awaitReady();
            token = Files.readString(dataDir.resolve("admin-token"));
            FakeAgent.enroll(broker.caller(token.strip()), broker::caller, "kept");
            postmaster = postmaster();
            assertThat(isAlive(postmaster)).isTrue();
            broker.kill();
        }
        Poll.until(() -> !isAlive(postmaster));

        try (BrokerProcess broker = BrokerProcess.start(dataDir)) {
            broker.awaitReady();
            assertThat(Files.readString(dataDir.resolve("admin-token"))).isEqualTo(token);
            assertThat(
                            broker.caller(token.strip())
                                    .get("/api/v1/hosts")
                                    .body()
                                    .at("/items/0/status/name")
                                    .asString())
                    .isEqualTo("kept");
            long second = postmaster();
            broker.stop();
            assertThat(isAlive(second)).isFalse();
            assertThat(dataDir.resolve("postgres/postmaster.pid")).doesNotExist();
        }
    }

    @Test
    void doesNotStartWithASettingThatItDoesNotKnow() throws Exception {
        try (BrokerProcess broker =
                BrokerProcess.start(dataDir, "--memfabric.data-directory=/tmp/x")) {
            assertThat(broker.exitCode()).isNotZero();
            assertThat(broker.output()).contains("memfabric.data-directory");
            assertThat(dataDir.resolve("postgres")).doesNotExist();
        }
    }

    @Test
    void doesNotStartWithADatabaseThatIsNone() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start(dataDir, "--memfabric.db-url=mysql://x")) {
            assertThat(broker.exitCode()).isNotZero();
            assertThat(broker.output()).contains("memfabric.db-url must start with");
        }
    }

    private long postmaster() throws IOException {
        return Long.parseLong(
                Files.readAllLines(dataDir.resolve("postgres/postmaster.pid")).getFirst().strip());
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }
}
