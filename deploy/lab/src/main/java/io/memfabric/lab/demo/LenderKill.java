package io.memfabric.lab.demo;

import io.memfabric.contract.vocabulary.MemorySize;
import io.memfabric.lab.Await;
import io.memfabric.lab.LabException;
import io.memfabric.lab.LabHost;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A lender's agent that is killed while a VM works on what it lends, and the way of the grant back
/// to two copies of every page.
final class LenderKill {

    /// What the lender has taken in of the workload before it is killed: it is in the middle then.
    private static final MemorySize UNDER_WAY = MemorySize.ofMib(64);

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration SAMPLE = Duration.ofMillis(50);

    private final Fabric fabric;
    private final LabHost lender;
    private final Consumer<String> say;

    LenderKill(Fabric fabric, LabHost lender, Consumer<String> say) {
        this.fabric = fabric;
        this.lender = lender;
        this.say = say;
    }

    /// What came of it.
    ///
    /// @param pages what the workload counted
    /// @param underLoad whether the workload was running when the lender was killed
    /// @param tableLost whether the lender came back without what it had
    /// @param degraded whether the broker said meanwhile that a copy is missing
    /// @param wholeAgain from the kill until every page had two copies again
    record Outcome(
            PageCount pages,
            boolean underLoad,
            boolean tableLost,
            boolean degraded,
            Duration wholeAgain) {

        boolean killed() {
            return underLoad && tableLost;
        }
    }

    /// Runs the workload and kills the lender in the middle of it.
    ///
    /// @throws LabException where the grant does not become whole again in time
    Outcome during(Supplier<PageCount> workload, UUID grant) {
        String table = table();
        MemorySize before = lender.received();
        CompletableFuture<PageCount> run =
                CompletableFuture.supplyAsync(workload, Thread::startVirtualThread);
        Await.that(
                "host " + lender.name() + " to take in pages of the workload",
                LIMIT,
                () ->
                        run.isDone()
                                || lender.received().minusOrZero(before).compareTo(UNDER_WAY) >= 0);
        boolean underLoad = !run.isDone();
        long start = System.nanoTime();
        lender.agent().kill();
        say.accept("kill -9 of the agent of host " + lender.name());
        boolean degraded = false;
        while (true) {
            Duration since = Duration.ofNanos(System.nanoTime() - start);
            String state = fabric.grantState(grant);
            if (state.equals("DEGRADED") && !degraded) {
                degraded = true;
                say.accept("grant: DEGRADED after %.1f s".formatted(since.toMillis() / 1e3));
            }
            if (degraded && state.equals("ACTIVE")) {
                say.accept("grant: ACTIVE again after %.1f s".formatted(since.toMillis() / 1e3));
                return new Outcome(run.join(), underLoad, !table.equals(table()), true, since);
            }
            if (since.compareTo(LIMIT) > 0) {
                throw new LabException(
                        "the grant is %s %d s after the kill: %s"
                                .formatted(
                                        state,
                                        since.toSeconds(),
                                        fabric.grant(grant).path("status").path("problem")));
            }
            Await.pause(SAMPLE);
        }
    }

    private String table() {
        return fabric.host(lender.name())
                .map(host -> host.path("status").path("bootId").asString(""))
                .orElse("");
    }
}
