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

/// A lender that needs back all that it lends while a VM works on it.
final class LenderRecall {

    /// What the lender has taken in of the workload before its memory is recalled.
    private static final MemorySize UNDER_WAY = MemorySize.ofMib(32);

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration SAMPLE = Duration.ofMillis(20);

    private final Fabric fabric;
    private final LabHost lender;
    private final Consumer<String> say;

    LenderRecall(Fabric fabric, LabHost lender, Consumer<String> say) {
        this.fabric = fabric;
        this.lender = lender;
        this.say = say;
    }

    /// What came of it.
    ///
    /// @param pages what the workload counted
    /// @param underLoad whether the workload was running when the memory was back
    /// @param back from the request until the host had the memory of every region back
    record Outcome(PageCount pages, boolean underLoad, Duration back) {}

    /// Runs the workload, recalls everything from the lender in the middle of it, and lets it lend
    /// again once it has its memory.
    Outcome during(Supplier<PageCount> workload, UUID grant) {
        MemorySize before = lender.received();
        CompletableFuture<PageCount> run =
                CompletableFuture.supplyAsync(workload, Thread::startVirtualThread);
        Await.that(
                "host " + lender.name() + " to take in pages of the workload",
                LIMIT,
                () ->
                        run.isDone()
                                || lender.received().minusOrZero(before).compareTo(UNDER_WAY) >= 0);
        long start = System.nanoTime();
        UUID recall = fabric.recall(lender.name(), lender.agent().regionsResident(), 30);
        Duration back = awaitEmpty(start);
        boolean underLoad = !run.isDone();
        say.accept(
                "host %s has the memory of every region back after %.2f s; the grant is %s"
                        .formatted(lender.name(), back.toMillis() / 1e3, fabric.grantState(grant)));
        fabric.endRecall(recall);
        PageCount pages = run.join();
        Await.that(
                "every page to have two copies again",
                LIMIT,
                () -> fabric.grantState(grant).equals("ACTIVE"));
        say.accept("it may lend again: the grant is ACTIVE, with every copy");
        return new Outcome(pages, underLoad, back);
    }

    /// Takes the lender out of service, and answers how long it took until it lends nothing.
    Duration drain() {
        long start = System.nanoTime();
        fabric.setScheduling(lender.name(), "DRAINED");
        return awaitEmpty(start);
    }

    private Duration awaitEmpty(long start) {
        while (true) {
            Duration since = Duration.ofNanos(System.nanoTime() - start);
            if (lender.agent().regionsResident().bytes() == 0) {
                return since;
            }
            if (since.compareTo(LIMIT) > 0) {
                throw new LabException(
                        "host %s still lends after %d s: %s"
                                .formatted(
                                        lender.name(),
                                        since.toSeconds(),
                                        fabric.recalls(lender.name())));
            }
            Await.pause(SAMPLE);
        }
    }
}
