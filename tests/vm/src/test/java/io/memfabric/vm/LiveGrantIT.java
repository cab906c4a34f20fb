package io.memfabric.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import io.memfabric.lab.Await;
import io.memfabric.lab.BrokerClient;
import io.memfabric.lab.Command;
import io.memfabric.lab.Lab;
import io.memfabric.lab.LabAgent;
import io.memfabric.lab.LabBroker;
import io.memfabric.lab.demo.Fabric;
import io.memfabric.lab.demo.MainJob;
import io.memfabric.lab.demo.PageCount;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;

/// What may happen under a VM that swaps on its grant: the borrower's agent is killed, the broker's
/// ledger goes back to a time before that grant, and the only lender needs its memory. Each test needs
/// those before.
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(OrderAnnotation.class)
final class LiveGrantIT {

    private static final int KILLS = 5;
    private static final Duration RESTART_LIMIT = Duration.ofMinutes(1);
    private static final Duration SPILL_LIMIT = Duration.ofMinutes(2);
    private static final Duration REWIND_LIMIT = Duration.ofMinutes(2);
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(30);

    private @Nullable Lab lab;
    private @Nullable MainJob started;
    private @Nullable UUID grant;

    @BeforeAll
    void start() {
        lab = Ground.startLab(MainJob.vms(2));
        MainJob job = new MainJob(lab, line -> System.out.println("job: " + line));
        started = job;
        job.awaitReady();
        job.harvest();
        job.awaitRegions();
        LabBroker broker = lab.broker();
        broker.killWithDatabase();
        copy(broker.database(), older());
        broker.start();
        broker.awaitReady();
        lab.hosts().forEach(job.fabric()::awaitHost);
        // The agent is killed before the disk is needed.
        job.borrower()
                .agent()
                .add(
                        Map.of(
                                "spill.dir",
                                "/run/lab/agent/spill",
                                "spill.bytes",
                                Long.toString(MainJob.GRANT.bytes())));
        grant = job.grant();
    }

    private static void copy(Path from, Path to) {
        Command.run(COMMAND_LIMIT, List.of("cp", "-a", from.toString(), to.toString()));
    }

    /// The files of the ledger as they were before the grant.
    private Path older() {
        return broker().database().resolveSibling("older");
    }

    private LabBroker broker() {
        return Objects.requireNonNull(lab, "the lab did not start").broker();
    }

    @AfterAll
    void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    private MainJob job() {
        return Objects.requireNonNull(started, "the lab did not start");
    }

    @Test
    @Order(1)
    void aVmWithAGrantIsNeitherSavedNorMoved() {
        Command.Output saved =
                Command.tryRun(
                        COMMAND_LIMIT,
                        job().borrower().namespace().enter("virsh", "managedsave", "busy"));
        assertThat(saved.ok()).as(saved.out()).isFalse();
        assertThat(saved.err()).contains("does not support live migration");
        assertThat(job().busy().state()).isEqualTo("running");
    }

    /// This process is root's as QEMU is here, and may open the socket.
    @Test
    @Order(2)
    void nobodyButTheVmsQemuIsServed() throws IOException {
        Path socket =
                job().borrower().namespace().path("/run/lab/agent/run/" + grant + "/disk.sock");
        try (SocketChannel stranger = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            // QEMU is being served: this connection waits for its turn until the agent is killed.
            assertThat(job().borrower().agent().logged("client_refused")).isZero();
            job().borrower().agent().kill();
            assertThat(stranger.read(ByteBuffer.allocate(64))).isEqualTo(-1);
        }
        LabAgent agent = job().borrower().agent();
        Await.that("the refusal", RESTART_LIMIT, () -> agent.logged("client_refused") == 1);
        assertThat(job().busy().state()).isEqualTo("running");
    }

    @Test
    @Order(3)
    void theWorkloadFinishesRightWhileTheAgentIsKilledAgainAndAgain() {
        LabAgent agent = job().borrower().agent();
        CompletableFuture<PageCount> workload = CompletableFuture.supplyAsync(job()::runWorkload);
        int underLoad = 0;
        for (int kill = 1; kill <= KILLS; kill++) {
            underLoad += workload.isDone() ? 0 : 1;
            long before = agent.logged("is served again");
            long start = System.nanoTime();
            agent.kill();
            Await.that(
                    "the grant to be served again",
                    RESTART_LIMIT,
                    () -> {
                        assertThat(job().busy().state()).isEqualTo("running");
                        return agent.logged("is served again") > before;
                    });
            System.out.printf(
                    "kill %d: served again after %d ms%n",
                    kill, (System.nanoTime() - start) / 1_000_000);
        }
        PageCount pages = workload.join();
        long all = MainJob.WORKLOAD.bytes() / FabricLimits.PAGE.bytes();
        System.out.printf("%d of %d kills under load; %s%n", underLoad, KILLS, pages);
        assertThat(underLoad).isEqualTo(KILLS);
        assertThat(pages).isEqualTo(new PageCount(0, all, all, 0));
        assertThat(job().busy().state()).isEqualTo("running");
    }

    /// Fault F7. The ledger knows nothing of the grant then, nor of the regions that it has.
    @Test
    @Order(4)
    void theWorkloadFinishesRightWhileTheLedgerLosesItsGrantAndFindsItAgain() {
        CompletableFuture<PageCount> workload = CompletableFuture.supplyAsync(job()::runWorkload);
        long start = System.nanoTime();
        broker().killWithDatabase();
        Command.run(COMMAND_LIMIT, List.of("rm", "-r", broker().database().toString()));
        copy(older(), broker().database());
        broker().start();
        broker().awaitReady();
        Await.that(
                "the grant to be known again",
                REWIND_LIMIT,
                () -> stateInLedger().equals("ACTIVE"));
        System.out.printf(
                "known again %d ms after the ledger went back%n",
                (System.nanoTime() - start) / 1_000_000);
        long legs = MainJob.GRANT.bytes() / FabricLimits.REGION.bytes();
        assertThat(job().fabric().regions(MainJob.LENDER).claimed()).isEqualTo(legs);
        Await.that(
                "the end of the recovery",
                REWIND_LIMIT,
                () -> events().contains("ledger_recovered"));
        assertThat(events()).contains("ledger_recovering");
        finishRight(workload);
    }

    @Test
    @Order(5)
    void theWorkloadFinishesRightWhileItsPagesGoToTheDiskOfItsHostAndComeBack() {
        Fabric.Regions lent = job().fabric().regions(MainJob.LENDER);
        long all = (lent.free() + lent.claimed()) * FabricLimits.REGION.bytes();
        CompletableFuture<PageCount> workload = CompletableFuture.supplyAsync(job()::runWorkload);
        long start = System.nanoTime();
        UUID recall = job().fabric().recall(MainJob.LENDER, MemorySize.ofBytes(all), 4);
        Await.that(
                "the lender to have back everything",
                SPILL_LIMIT,
                () ->
                        broker().client()
                                .get("/api/v1/recalls/" + recall)
                                .at("/status/state")
                                .asString("")
                                .equals("DONE"));
        System.out.printf(
                "%d MiB at the lender's host again after %d ms%n",
                all >> 20, (System.nanoTime() - start) / 1_000_000);
        assertThat(spilled()).isEqualTo(MainJob.GRANT.bytes());
        assertThat(job().lender().agent().regionsResident()).isEqualTo(MemorySize.ZERO);
        finishRight(workload);

        job().fabric().endRecall(recall);
        Await.that("the pages to be back in memory", SPILL_LIMIT, () -> spilled() == 0);
        Await.that("the grant to be at rest", SPILL_LIMIT, () -> stateInLedger().equals("ACTIVE"));
        finishRight(CompletableFuture.supplyAsync(job()::runWorkload));
    }

    private long spilled() {
        return broker().client()
                .get("/api/v1/grants/" + grant)
                .at("/status/spilledBytes")
                .asLong(0);
    }

    private void finishRight(CompletableFuture<PageCount> workload) {
        long all = MainJob.WORKLOAD.bytes() / FabricLimits.PAGE.bytes();
        assertThat(workload.join()).isEqualTo(new PageCount(0, all, all, 0));
        assertThat(job().busy().state()).isEqualTo("running");
    }

    private String events() {
        return broker().client().get("/api/v1/events?pageSize=200&newest=true").toString();
    }

    private String stateInLedger() {
        BrokerClient.Reply reply = broker().client().tryGet("/api/v1/grants/" + grant);
        return reply.ok() ? reply.body().at("/status/state").asString("") : "";
    }

    @Test
    @Order(6)
    void theGrantOfARestartedAgentIsReleasedAsAnyOther() {
        job().release(Objects.requireNonNull(grant, "there was no grant"));
        assertThat(job().busy().swaps()).isEmpty();
    }
}
