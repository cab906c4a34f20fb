package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.contract.agent.AttachGrant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Grants whose rows are many: whatever takes time by their square shows here.
class LargeGrantIT {

    private static final int EXTENTS = 4096;

    @Test
    void givesAQuarterOfATebibyteInTwoCopies() {
        try (Fleet fleet = new Fleet()) {
            FakeAgent one = fleet.lender(EXTENTS);
            fleet.lender(EXTENTS);
            FakeAgent borrower = fleet.borrower();
            Map<String, Object> spec = Fleet.spec(borrower.vmId(), 1L << 38);
            spec.put("copies", 2);
            String grant = Fleet.grantOf(fleet.create(spec));
            one.obey();
            fleet.settle();
            assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
            fleet.release(grant);
            assertThat(borrower.commands()).doesNotHaveAnyElementsOfTypes(AttachGrant.class);
            fleet.settle();
            assertThat(fleet.state(grant)).isEqualTo("RELEASED");
            one.sync();
        }
    }
}
