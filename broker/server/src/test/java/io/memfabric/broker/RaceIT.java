package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.contract.agent.VmReport;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RaceIT {

    private static final long MIB = 1L << 20;
    private static final int CALLERS = 64;
    private static final int CALLS = 4;

    private final Fleet fleet = new Fleet();
    private final Queue<String> grants = new ConcurrentLinkedQueue<>();
    private final Queue<Http.Answer> answers = new ConcurrentLinkedQueue<>();

    @AfterEach
    void retire() {
        fleet.close();
    }

    /// Case 4: grants, releases, resizes, recalls and starts of the VM at once, all about one VM.
    /// Whatever wins, everybody gets an answer of the contract, and in the end nothing is left over.
    @Test
    void leavesNothingOverWhereEverythingHappensToOneVmAtOnce() throws Exception {
        List<FakeAgent> lenders = List.of(fleet.lender(12), fleet.lender(12), fleet.lender(12));
        FakeAgent borrower = fleet.borrower();
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> hosts =
                    List.of(
                            threads.submit(() -> obey(lenders, over)),
                            threads.submit(() -> startAndObey(borrower, over)));
            List<Callable<Boolean>> callers =
                    IntStream.range(0, CALLERS)
                            .mapToObj(i -> (Callable<Boolean>) () -> call(i, lenders, borrower))
                            .toList();
            for (Future<Boolean> caller : threads.invokeAll(callers)) {
                assertThat(caller.get()).isTrue();
            }
            over.set(true);
            for (Future<?> host : hosts) {
                host.get();
            }
        }
        assertThat(answers).allSatisfy(a -> assertThat(a.status()).isLessThan(500));
        assertThat(new TreeSet<>(answers.stream().map(Http.Answer::status).toList()))
                .contains(202, 409);
        assertThat(grants).isNotEmpty();

        borrower.setVm(borrower.vmId(), VmReport.State.RUNNING, true);
        Poll.until(
                () -> {
                    fleet.sync();
                    grants.stream().distinct().forEach(fleet::release);
                    lenders.forEach(FakeAgent::obey);
                    borrower.obey();
                    return grants.stream()
                                    .distinct()
                                    .map(fleet::state)
                                    .allMatch(s -> s.equals("RELEASED") || s.equals("FAILED"))
                            && lenders.stream()
                                    .flatMap(lender -> fleet.regionStates(lender).stream())
                                    .allMatch("FREE"::equals);
                });
    }

    private boolean call(int caller, List<FakeAgent> lenders, FakeAgent borrower) {
        Random random = new Random(caller);
        for (int i = 0; i < CALLS; i++) {
            String some = grants.peek();
            int what = random.nextInt(5);
            if (what == 0 || some == null) {
                Map<String, Object> spec = Fleet.spec(borrower.vmId(), 64 * MIB);
                spec.put("copies", 1 + random.nextInt(2));
                Http.Answer answer = note(fleet.post(spec, UUID.randomUUID().toString()));
                if (answer.status() == 202) {
                    grants.add(Fleet.grantOf(answer));
                }
            } else if (what == 1) {
                note(fleet.release(some));
                String first = grants.poll();
                if (first != null) {
                    grants.add(first);
                }
            } else if (what == 2) {
                note(
                        fleet.admin()
                                .post(
                                        "/api/v1/hosts/"
                                                + lenders.get(random.nextInt(3)).hostId()
                                                + "/recalls",
                                        Map.of(
                                                "spec",
                                                Map.of("bytes", 64 * MIB, "deadlineSeconds", 1)),
                                        "Idempotency-Key",
                                        UUID.randomUUID().toString()));
            } else {
                String path = "/api/v1/grants/" + some;
                long bytes = 64 * MIB * (1 + random.nextInt(4));
                fleet.admin()
                        .get(path)
                        .etag()
                        .ifPresent(
                                tag ->
                                        note(
                                                fleet.admin()
                                                        .patch(
                                                                path,
                                                                Map.of(
                                                                        "spec",
                                                                        Map.of("sizeBytes", bytes)),
                                                                "If-Match",
                                                                tag)));
            }
        }
        return true;
    }

    private Http.Answer note(Http.Answer answer) {
        answers.add(answer);
        return answer;
    }

    private static void obey(List<FakeAgent> lenders, AtomicBoolean over) {
        while (!over.get()) {
            for (FakeAgent lender : lenders) {
                patiently(
                        () -> {
                            lender.obey();
                            lender.sync();
                        });
            }
        }
    }

    private static void startAndObey(FakeAgent borrower, AtomicBoolean over) {
        for (int round = 0; !over.get(); round++) {
            VmReport.State state = round % 4 == 3 ? VmReport.State.PAUSED : VmReport.State.RUNNING;
            borrower.setVm(borrower.vmId(), state, true);
            patiently(
                    () -> {
                        borrower.sync();
                        borrower.obey();
                    });
        }
    }

    /// An agent that is told to come again later does.
    private static void patiently(Runnable step) {
        try {
            step.run();
        } catch (IllegalStateException e) {
            Thread.onSpinWait();
        }
    }
}
