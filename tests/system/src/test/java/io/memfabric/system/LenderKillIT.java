package io.memfabric.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.LegReplacement;
import io.memfabric.contract.agent.ReplaceLegs;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.lab.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One of a grant's two lenders is killed again and again under load, comes back empty, and is given
/// its copies anew.
final class LenderKillIT {

    private static final int EXTENTS = 2;

    /// In one of so many cycles the borrower's agent is killed as well.
    private static final int BORROWER_TOO = 5;

    /// In one of so many cycles the client does nothing while the lender dies.
    private static final int IDLE = 3;

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final UUID grant = UUID.randomUUID();
    private final List<Long> pauses = new ArrayList<>();
    private final List<Long> resyncPauses = new ArrayList<>();
    private final List<Long> told = new ArrayList<>();
    private final List<Long> toldIdle = new ArrayList<>();
    private final List<Long> whole = new ArrayList<>();
    private int borrowerKills;

    /// Taken while the client works, and by whom keeps it from working.
    private final ReentrantLock work = new ReentrantLock(true);

    private volatile @Nullable Throwable failure;

    @Test
    void noKillCostsAnErrorOrAPage(@TempDir Path folder) throws Exception {
        int cycles = Integer.getInteger("kill.cycles", 20);
        Path socket = folder.resolve("run").resolve(grant.toString()).resolve("disk.sock");
        try (BrokerDouble broker = new BrokerDouble();
                LenderProcess first = LenderProcess.start(grant, EXTENTS);
                LenderProcess second = LenderProcess.start(grant, EXTENTS);
                HeldAgent agent =
                        HeldAgent.start(
                                folder,
                                plan(first, second),
                                new HeldAgent.Mode(broker.url(), true, "lender-kill.log"))) {
            Await.that("the agent", LIMIT, () -> agent.logged("is served again") > 0);
            Await.that("an inventory", LIMIT, () -> broker.inventories() > 0);
            int pages = (int) (EXTENTS * FabricLimits.REGION.bytes() / FabricLimits.PAGE.bytes());
            AtomicBoolean over = new AtomicBoolean();
            try (PageClient client = new PageClient(socket, grant.toString(), pages, 43)) {
                AtomicLong rounds = new AtomicLong();
                Scene scene = new Scene(List.of(first, second), broker, agent, client);
                Thread killer = Thread.ofPlatform().start(() -> kill(scene, cycles, rounds, over));
                while (!over.get()) {
                    work.lock();
                    try {
                        client.round();
                    } finally {
                        work.unlock();
                    }
                    rounds.incrementAndGet();
                }
                killer.join();
                client.readAll();
                report(cycles, client);
                assertThat(failure).isNull();
                assertThat(client.errors).isZero();
                assertThat(client.wrongPages).isZero();
                assertThat(client.pauses).hasSize(borrowerKills);
                assertThat(whole).hasSize(cycles);
            }
            assertThat(Files.exists(socket)).isTrue();
        }
    }

    private record Scene(
            List<LenderProcess> lenders, BrokerDouble broker, HeldAgent agent, PageClient client) {}

    private void kill(Scene scene, int cycles, AtomicLong rounds, AtomicBoolean over) {
        try {
            for (int cycle = 0; cycle < cycles; cycle++) {
                long before = rounds.get();
                Await.that("the load to go on", LIMIT, () -> rounds.get() > before + 20);
                Await.pause(Duration.ofMillis(cycle * 37L % 300));
                LenderProcess lender = scene.lenders().get(cycle % 2);
                UUID command = killAndReplace(scene, lender, cycle % IDLE == IDLE - 1);
                Await.that("the legs to be replaced", LIMIT, () -> scene.broker().isDone(command));
                if (cycle % BORROWER_TOO == BORROWER_TOO - 1) {
                    killBorrower(scene);
                }
                long since = System.nanoTime();
                Await.that("a whole grant", LIMIT, () -> scene.broker().legs().isEmpty());
                whole.add(System.nanoTime() - since);
                resyncPauses.add(scene.client().takeLongestWait());
            }
        } catch (IOException e) {
            failure = new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            failure = e;
        } finally {
            over.set(true);
        }
    }

    private UUID killAndReplace(Scene scene, LenderProcess lender, boolean idle)
            throws IOException {
        List<LegPlan> lost = legs(lender);
        var _ = scene.client().takeLongestWait();
        if (idle) {
            work.lock();
        }
        try {
            long killed = System.nanoTime();
            lender.kill();
            Await.that("the agent to tell", LIMIT, () -> !scene.broker().legs().isEmpty());
            (idle ? toldIdle : told).add(System.nanoTime() - killed);
        } finally {
            if (idle) {
                work.unlock();
            }
        }
        pauses.add(scene.client().takeLongestWait());
        lender.restart();
        List<LegReplacement> replacements = new ArrayList<>();
        for (int extent = 0; extent < EXTENTS; extent++) {
            replacements.add(
                    new LegReplacement(extent, lost.get(extent).exportName(), lender.leg(extent)));
        }
        UUID command = UUID.randomUUID();
        scene.broker().give(new ReplaceLegs(command, grant, 1, replacements));
        return command;
    }

    /// In the middle of the copying: the next agent has to know which legs are whose, and what they
    /// lack.
    private void killBorrower(Scene scene) {
        borrowerKills++;
        long told = scene.broker().inventories();
        scene.agent().agent().ifPresent(ProcessHandle::destroyForcibly);
        Await.that(
                "the grant to be served",
                LIMIT,
                () -> scene.agent().logged("is served again") > borrowerKills);
        Await.that("news of it", LIMIT, () -> scene.broker().inventories() > told);
        var _ = scene.client().takeLongestWait();
    }

    private static List<LegPlan> legs(LenderProcess lender) {
        List<LegPlan> legs = new ArrayList<>();
        for (int extent = 0; extent < EXTENTS; extent++) {
            legs.add(lender.leg(extent));
        }
        return legs;
    }

    private AttachGrant plan(LenderProcess first, LenderProcess second) {
        return new AttachGrant(
                UUID.randomUUID(),
                grant,
                1,
                UUID.randomUUID(),
                "mf-test",
                AttachMode.SWAP,
                EXTENTS * FabricLimits.REGION.bytes(),
                List.of(
                        new ExtentPlan(0, List.of(first.leg(0), second.leg(0))),
                        new ExtentPlan(1, List.of(second.leg(1), first.leg(1)))),
                UUID.randomUUID());
    }

    private void report(int cycles, PageClient client) {
        System.out.printf(
                "lender kill -9: %d cycles, %d with the borrower too, %d pages read, %d written, I/O"
                        + " errors %d, wrong pages %d, pause %s; while copies are made %s; told after"
                        + " %s, idle %s, whole %s after that%n",
                cycles,
                borrowerKills,
                client.pagesRead,
                client.pagesWritten,
                client.errors,
                client.wrongPages,
                Percentiles.of(pauses),
                Percentiles.of(resyncPauses),
                Percentiles.of(told),
                Percentiles.of(toldIdle),
                Percentiles.of(whole));
    }
}
