package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Many callers at once.
class ConcurrencyIT {

    private static final long MIB = 1L << 20;
    private static final int CALLERS = 12;

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    /// Fault F20, as far as it is the ledger's: the first claim wins, whoever comes with it.
    @Test
    void neverClaimsARegionTwice() throws Exception {
        FakeAgent one = fleet.lender(4);
        FakeAgent other = fleet.lender(3);
        FakeAgent borrower = fleet.borrower();
        fleet.hear();
        List<Http.Answer> answers =
                atOnce(
                        i ->
                                fleet.post(
                                        Fleet.spec(borrower.vmId(), 128 * MIB),
                                        "race-" + i + UUID.randomUUID()));
        List<String> grants =
                answers.stream().filter(a -> a.status() == 202).map(Fleet::grantOf).toList();
        assertThat(grants).hasSize(3).doesNotHaveDuplicates();
        assertThat(answers.stream().filter(a -> a.status() != 202))
                .allSatisfy(
                        a -> {
                            assertThat(a.status()).isEqualTo(409);
                            assertThat(a.code()).isEqualTo("insufficient_capacity");
                        });
        List<String> states = new ArrayList<>(fleet.regionStates(one));
        states.addAll(fleet.regionStates(other));
        assertThat(states.stream().filter("CLAIMED"::equals)).hasSize(6);

        fleet.settle();
        assertThat(grants).allSatisfy(g -> assertThat(fleet.state(g)).isEqualTo("ACTIVE"));
        grants.forEach(fleet::release);
        fleet.settle();
        assertThat(grants).allSatisfy(g -> assertThat(fleet.state(g)).isEqualTo("RELEASED"));
        assertThat(fleet.regionStates(one)).containsOnly("FREE");
        assertThat(fleet.regionStates(other)).containsOnly("FREE");
    }

    @Test
    void beginsOneGrantForOneKey() throws Exception {
        FakeAgent lender = fleet.lender(CALLERS);
        FakeAgent borrower = fleet.borrower();
        String key = UUID.randomUUID().toString();
        fleet.hear();
        List<Http.Answer> answers =
                atOnce(_ -> fleet.post(Fleet.spec(borrower.vmId(), 64 * MIB), key));
        assertThat(answers).allSatisfy(a -> assertThat(a.status()).isEqualTo(202));
        assertThat(answers.stream().map(Fleet::operationOf).distinct()).hasSize(1);
        assertThat(fleet.regionStates(lender)).containsOnlyOnce("CLAIMED");
    }

    @Test
    void releasesOnceForManyCallers() throws Exception {
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        List<Http.Answer> answers = atOnce(_ -> fleet.release(grant));
        assertThat(answers.stream().map(Fleet::operationOf).distinct()).hasSize(1);
        assertThat(borrower.commands()).hasSize(1);
    }

    private interface Call {
        Http.Answer as(int caller);
    }

    private static List<Http.Answer> atOnce(Call call) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Http.Answer>> calls =
                    IntStream.range(0, CALLERS)
                            .mapToObj(i -> (Callable<Http.Answer>) () -> call.as(i))
                            .toList();
            List<Http.Answer> answers = new ArrayList<>();
            for (Future<Http.Answer> future : threads.invokeAll(calls)) {
                answers.add(future.get());
            }
            return answers;
        }
    }
}
