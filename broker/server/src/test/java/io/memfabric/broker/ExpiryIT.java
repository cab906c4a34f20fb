package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.contract.agent.DetachGrant;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Grants that are wanted for a time only.
class ExpiryIT {

    private static final long MIB = 1L << 20;
    private static final int SOON = 2;

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void anExpiredGrantGoesWhenItsGuestHasSwappedOff() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = active(borrower, "SWAP", SOON);
        await(() -> !borrower.commands().isEmpty());
        assertThat(borrower.commands()).singleElement().isInstanceOf(DetachGrant.class);
        assertThat(fleet.state(grant)).isEqualTo("DRAINING");
        fleet.settle();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        assertThat(fleet.regionStates(lender)).containsOnly("FREE");
        assertThat(fleet.eventTypes(grant)).containsOnlyOnce("grant_expired");
    }

    /// The guest says no, and nothing is taken from it.
    @Test
    void aGuestThatCannotDoWithoutKeepsWhatHasExpired() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = active(borrower, "SWAP", SOON);
        await(() -> !borrower.refuse("guest_refused").isEmpty());
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(fleet.regionStates(lender)).containsOnly("CLAIMED");
        assertThat(renew(grant, null).status()).isEqualTo(200);
        assertThat(fleet.grant(grant).at("/spec/expiresAt").isMissingNode()).isTrue();
        fleet.release(grant);
        fleet.settle();
    }

    @Test
    void aRawDiskIsOnlyToldOf() {
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = active(borrower, "DEVICE", SOON);
        await(() -> fleet.eventTypes(grant).contains("grant_expired"));
        assertThat(borrower.commands()).isEmpty();
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        fleet.release(grant);
        fleet.settle();
    }

    @Test
    void whatIsRenewedGoesOn() {
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = active(borrower, "SWAP", 5);
        String first = fleet.grant(grant).at("/spec/expiresAt").asString();
        long revision = fleet.grant(grant).at("/revision").asLong();
        Instant later = Instant.parse("2031-02-03T04:05:06Z");
        assertThat(renew(grant, later).status()).isEqualTo(200);
        assertThat(fleet.grant(grant).at("/revision").asLong()).isGreaterThan(revision);
        assertThat(inList(borrower)).isEqualTo(later.toString());
        await(() -> Instant.now().isAfter(Instant.parse(first).plusSeconds(1)));
        assertThat(borrower.commands()).isEmpty();
        assertThat(fleet.eventTypes(grant)).doesNotContain("grant_expired");
        fleet.release(grant);
        fleet.settle();
        assertThat(renew(grant, later).code()).isEqualTo("grant_not_live");
    }

    @Test
    void anEndThatCannotBeMeantIsRefusedAndNothingBegins() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        for (String end : List.of("2001-02-03T04:05:06Z", "9999-02-03T04:05:06Z")) {
            Map<String, Object> spec = Fleet.spec(borrower.vmId(), 64 * MIB);
            spec.put("expiresAt", end);
            assertThat(fleet.create(spec).code()).isEqualTo("invalid_expiry");
        }
        assertThat(fleet.regionStates(lender)).containsOnly("FREE");
    }

    private String active(FakeAgent borrower, String mode, int seconds) {
        fleet.hear();
        Map<String, Object> spec = Fleet.spec(borrower.vmId(), 64 * MIB);
        spec.put("attachMode", mode);
        String grant = Fleet.grantOf(fleet.create(spec));
        fleet.settle();
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        // Only now, so that it does not expire before it is there.
        assertThat(renew(grant, Instant.now().plusSeconds(seconds)).status()).isEqualTo(200);
        return grant;
    }

    private Http.Answer renew(String grant, @Nullable Instant expiresAt) {
        return fleet.admin()
                .post(
                        "/api/v1/grants/" + grant + ":renew",
                        Map.of(
                                "spec",
                                expiresAt == null
                                        ? Map.of()
                                        : Map.of("expiresAt", expiresAt.toString())),
                        "Idempotency-Key",
                        UUID.randomUUID().toString());
    }

    private String inList(FakeAgent borrower) {
        return fleet.admin()
                .get("/api/v1/grants?vmId=" + borrower.vmId())
                .body()
                .at("/items/0/spec/expiresAt")
                .asString();
    }

    private void await(BooleanSupplier isSo) {
        Poll.until(
                () -> {
                    fleet.hear();
                    return isSo.getAsBoolean();
                });
    }
}
