package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.contract.agent.ReportReply;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Two agents with one identity, as after a host's image was cloned: nasty case 7.
class ClonedHostIT {

    private final TestBroker broker = TestBroker.shared();

    @Test
    void case7LendsNothingFromTwoAgentsWithOneIdentityUntilTheHostEnrollsAgain() {
        FakeAgent host = FakeAgent.enroll(broker, "cloned");
        host.change(broker, HarvestMode.HARVEST, 1L << 40);
        host.offer(2);
        host.sync();
        FakeAgent clone = host.cloned(broker);
        clone.offer(2);
        ReportReply reply = host.report();
        assertThat(reply.lendLimitBytes()).isPositive();
        assertThat(canBeAsked(host)).isTrue();
        for (int second = 0; second < 4; second++) {
            clone.report();
            reply = host.report();
        }
        assertThat(reply.lendLimitBytes()).isZero();
        assertThat(reply.mode()).isEqualTo(HarvestMode.OBSERVE);
        assertThat(clone.report().lendLimitBytes()).isZero();
        assertThat(canBeAsked(host)).isFalse();
        for (FakeAgent either : List.of(host, clone)) {
            assertThat(either.http().get("/agent/v1/commands?revision=-1&wait=0").code())
                    .isEqualTo("host_quarantined");
            assertThat(either.http().post("/agent/v1/certificates", Map.of()).code())
                    .isEqualTo("host_quarantined");
        }
        assertThat(
                        broker.bean(JdbcClient.class)
                                .sql(
                                        "select count(*) from events where type = 'host_cloned'"
                                                + " and host_id = ?")
                                .param(host.hostId())
                                .query(Integer.class)
                                .single())
                .isEqualTo(1);

        FakeAgent again = FakeAgent.enroll(broker, "cloned");
        assertThat(again.hostId()).isEqualTo(host.hostId());
        assertThat(host.http().get("/agent/v1/commands?revision=-1&wait=0").status())
                .isEqualTo(401);
        Poll.until(() -> again.report().lendLimitBytes() > 0);
    }

    private boolean canBeAsked(FakeAgent host) {
        Inventory inventory = broker.bean(Inventory.class);
        return inventory.canBeAsked(inventory.host(host.hostId()).orElseThrow());
    }
}
