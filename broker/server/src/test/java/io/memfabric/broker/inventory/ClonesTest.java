package io.memfabric.broker.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class ClonesTest {

    private static final UUID HOST = new UUID(0, 1);

    private final Clones clones = new Clones();

    private boolean hear(long boot) {
        return clones.hear(HOST, new UUID(1, boot));
    }

    @Test
    void takesAnAgentThatStartsAgainAndAgainForOne() {
        for (long boot = 0; boot < 100; boot++) {
            assertThat(hear(boot)).isFalse();
            assertThat(hear(boot)).isFalse();
        }
    }

    @Test
    void takesAReportThatWasUnderWayWhenItsSenderDiedForNoClone() {
        assertThat(hear(1)).isFalse();
        assertThat(hear(2)).isFalse();
        assertThat(hear(1)).isFalse();
        assertThat(hear(2)).isFalse();
        assertThat(hear(2)).isFalse();
    }

    @Test
    void tellsTwoAgentsThatReportInTurn() {
        boolean found = false;
        for (int second = 0; second < 3; second++) {
            found |= hear(1);
            found |= hear(2);
        }
        assertThat(found).isTrue();
        clones.forget(HOST);
        assertThat(hear(1)).isFalse();
    }
}
