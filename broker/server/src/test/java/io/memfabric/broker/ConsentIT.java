package io.memfabric.broker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.broker.testbed.Tokens;
import io.memfabric.contract.agent.VmPolicies;
import io.memfabric.contract.agent.VmPolicy;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Whose memory may be taken: a VM lends where its tenant and its own policy have it so.
class ConsentIT {

    private final TestBroker broker = TestBroker.shared();
    private final Tokens tokens = new Tokens();
    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void leavesTheVmsOfATenantThatLendsToNobodyAlone() {
        FakeAgent host = fleet.borrower();
        String tenant = tokens.tenant(null, null);
        lendTo(tenant, "NOBODY");
        host.report();
        assertThat(host.report().policies()).as("nothing is new").isNull();

        tokens.assign(host.vmId(), tenant);
        assertThat(lends(news(host), host.vmId())).isFalse();
        lendTo(tenant, "ITSELF");
        assertThat(lends(news(host), host.vmId())).isTrue();
        lendTo(tenant, "NOBODY");
        assertThat(lends(news(host), host.vmId())).isFalse();
        tokens.assign(host.vmId(), Tokens.DEFAULT_TENANT);
        assertThat(lends(news(host), host.vmId())).isTrue();
    }

    @Test
    void takesNothingFromAVmWhoseOwnPolicyRefuses() {
        FakeAgent host = fleet.borrower();
        String tenant = tokens.tenant(null, null);
        tokens.assign(host.vmId(), tenant);
        String path = "/api/v1/vms/" + host.vmId();
        Http.Answer refused =
                broker.admin()
                        .patch(
                                path,
                                Map.of("spec", Map.of("memory", Map.of("lend", false))),
                                "If-Match",
                                broker.admin().get(path).etag().orElseThrow());
        assertThat(refused.status()).isEqualTo(200);
        assertThat(lends(news(host), host.vmId())).isFalse();
    }

    /// What the host hears next of its VMs' policies, within a second or so.
    private static VmPolicies news(FakeAgent host) {
        AtomicReference<@Nullable VmPolicies> told = new AtomicReference<>();
        Poll.until(
                () -> {
                    told.set(host.report().policies());
                    return told.get() != null;
                });
        return requireNonNull(told.get());
    }

    /// What a host that was told this does with a VM; of whom nothing is said, lends.
    private static boolean lends(VmPolicies told, UUID vmId) {
        return told.vms().stream()
                .filter(policy -> policy.vmId().equals(vmId))
                .allMatch(VmPolicy::lend);
    }

    private void lendTo(String tenant, String whom) {
        String path = "/api/v1/tenants/" + tenant;
        Http.Answer changed =
                broker.admin()
                        .patch(
                                path,
                                Map.of("spec", Map.of("lendTo", whom)),
                                "If-Match",
                                broker.admin().get(path).etag().orElseThrow());
        assertThat(changed.status()).isEqualTo(200);
    }
}
