package io.memfabric.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.lending.RegionLending;
import io.memfabric.agent.lending.tcp.TcpRegionServer;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import io.memfabric.lab.Await;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The borrower's agent is killed again and again under load.
final class BorrowerKillIT {

    private static final String CAPABILITY = "00112233445566778899aabbccddeeff";
    private static final int EXTENTS = 2;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void noKillCostsAnErrorOrAPage(@TempDir Path folder) throws Exception {
        int cycles = Integer.getInteger("kill.cycles", 20);
        UUID grant = UUID.randomUUID();
        Path socket = folder.resolve("run").resolve(grant.toString()).resolve("disk.sock");
        try (RegionLending lending =
                        RegionLending.open(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                new TcpRegionServer.TcpTransport(
                                        new DataSecurity.TrustedNetwork()));
                HeldAgent agent = HeldAgent.start(folder, plan(lending, grant))) {
            Await.that("the first agent", LIMIT, () -> Files.exists(socket));
            int pages = (int) (EXTENTS * FabricLimits.REGION.bytes() / FabricLimits.PAGE.bytes());
            AtomicBoolean over = new AtomicBoolean();
            try (PageClient client = new PageClient(socket, grant.toString(), pages, 42)) {
                AtomicLong rounds = new AtomicLong();
                Thread killer = Thread.ofPlatform().start(() -> kill(agent, cycles, rounds, over));
                while (!over.get()) {
                    client.round();
                    rounds.incrementAndGet();
                }
                killer.join();
                client.readAll();
                report(cycles, client);
                assertThat(client.errors).isZero();
                assertThat(client.wrongPages).isZero();
                assertThat(client.pauses).hasSizeGreaterThanOrEqualTo(cycles);
            }
        }
    }

    private static void kill(HeldAgent agent, int cycles, AtomicLong rounds, AtomicBoolean over) {
        try {
            for (int cycle = 0; cycle < cycles; cycle++) {
                long served = cycle + 1L;
                Await.that(
                        "the grant to be served",
                        LIMIT,
                        () -> agent.logged("is served again") >= served);
                long before = rounds.get();
                Await.that("the load to go on", LIMIT, () -> rounds.get() > before + 1);
                // Somewhere in the load, not always at its beginning.
                Await.pause(Duration.ofMillis(200 + cycle * 37L % 300));
                agent.agent().ifPresent(ProcessHandle::destroyForcibly);
            }
            Await.that(
                    "the grant to be served at last",
                    LIMIT,
                    () -> agent.logged("is served again") > cycles);
        } finally {
            over.set(true);
        }
    }

    private static AttachGrant plan(RegionLending lending, UUID grant) {
        lending.resizeTo(MemorySize.ofBytes(EXTENTS * FabricLimits.REGION.bytes()));
        List<RegionClaim> claims =
                List.of(
                        new RegionClaim(lending.bootId(), 1, 1),
                        new RegionClaim(lending.bootId(), 2, 1));
        lending.prepare(new PrepareRegions(UUID.randomUUID(), grant, 1, CAPABILITY, claims));
        List<ExtentPlan> extents = List.of(extent(lending, grant, 0), extent(lending, grant, 1));
        return new AttachGrant(
                UUID.randomUUID(),
                grant,
                1,
                UUID.randomUUID(),
                "mf-test",
                AttachMode.SWAP,
                EXTENTS * FabricLimits.REGION.bytes(),
                extents);
    }

    private static ExtentPlan extent(RegionLending lending, UUID grant, int index) {
        String export =
                new ExportName(lending.bootId(), index + 1L, 1, grant, 1, CAPABILITY).wire();
        return new ExtentPlan(
                index, List.of(new LegPlan(UUID.randomUUID(), HeldAgent.address(lending), export)));
    }

    private static void report(int cycles, PageClient client) {
        List<Long> sorted = client.pauses.stream().sorted().toList();
        System.out.printf(
                "borrower kill -9: %d cycles, %d pages read, %d written, I/O errors %d, wrong pages"
                        + " %d, pause p50 %d ms, p99 %d ms, max %d ms%n",
                cycles,
                client.pagesRead,
                client.pagesWritten,
                client.errors,
                client.wrongPages,
                millis(sorted, 0.5),
                millis(sorted, 0.99),
                millis(sorted, 1));
    }

    private static long millis(List<Long> sorted, double share) {
        int index = (int) Math.ceil(share * sorted.size()) - 1;
        return sorted.isEmpty() ? 0 : sorted.get(Math.max(0, index)) / 1_000_000;
    }
}
