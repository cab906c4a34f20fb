package io.memfabric.agent.brokerlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BrokerTermTest {

    private static final UUID HOST = new UUID(0, 1);

    @TempDir private Path folder;

    @Test
    void keepsTheLatestTermBeyondTheProcess() {
        Path file = folder.resolve("broker-term");
        BrokerTerm term = BrokerTerm.load(file, HOST);
        assertThat(term.admits(0)).isTrue();
        assertThat(term.admits(8)).isTrue();
        assertThat(term.admits(7)).isFalse();

        BrokerTerm after = BrokerTerm.load(file, HOST);
        assertThat(after.admits(7)).isFalse();
        assertThat(after.admits(0)).isFalse();
        assertThat(after.admits(8)).isTrue();
    }

    @Test
    void takesNoTermOfAnotherIdentityOrOfAnUnreadableFile() throws Exception {
        Path file = folder.resolve("broker-term");
        BrokerTerm.load(file, HOST).admits(8);
        assertThat(BrokerTerm.load(file, new UUID(0, 2)).admits(1)).isTrue();
        Files.writeString(file, "half a li");
        assertThat(BrokerTerm.load(file, HOST).admits(1)).isTrue();
    }
}
