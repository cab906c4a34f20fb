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
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The borrower's agent is killed again and again under load.
final class BorrowerKillIT {

    private static final String CAPABILITY = "00112233445566778899aabbccddeeff";
    private static final String NO_BROKER = "http://127.0.0.1:9";
    private static final int EXTENTS = 2;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void noKillCostsAnErrorOrAPage(@TempDir Path folder) throws Exception {
        int cycles = Integer.getInteger("kill.cycles", 20);
        try (RegionLending lending = lending()) {
            UUID grant = UUID.randomUUID();
            HeldAgent.Mode mode = new HeldAgent.Mode(NO_BROKER, false, "borrower-kill.log");
            killAgain("one copy", cycles, folder, plan(grant, List.of(lending)), mode);
        }
    }

    @Test
    void noKillCostsAMirroredSealedGrantAnErrorOrAPage(@TempDir Path folder) throws Exception {
        int cycles = Integer.getInteger("kill.cycles", 20);
        try (RegionLending first = lending();
                RegionLending second = lending()) {
            UUID grant = UUID.randomUUID();
            HeldAgent.Mode mode = new HeldAgent.Mode(NO_BROKER, true, "mirrored-kill.log");
            killAgain("two copies", cycles, folder, plan(grant, List.of(first, second)), mode);
        }
    }

    private static RegionLending lending() throws IOException {
        return RegionLending.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new TcpRegionServer.TcpTransport(new DataSecurity.TrustedNetwork()));
    }

    private static void killAgain(
            String what, int cycles, Path folder, AttachGrant plan, HeldAgent.Mode mode)
            throws Exception {
        UUID grant = plan.grantId();
        Path socket = folder.resolve("run").resolve(grant.toString()).resolve("disk.sock");
        try (HeldAgent agent = HeldAgent.start(folder, plan, mode)) {
            Await.that("the first agent", LIMIT, () -> agent.logged("is served again") > 0);
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
                report(what, cycles, client);
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

    private static AttachGrant plan(UUID grant, List<RegionLending> lenders) {
        List<UUID> ids = lenders.stream().map(_ -> UUID.randomUUID()).toList();
        for (RegionLending lending : lenders) {
            lending.resizeTo(MemorySize.ofBytes(EXTENTS * FabricLimits.REGION.bytes()));
            List<RegionClaim> claims =
                    List.of(
                            new RegionClaim(lending.bootId(), 1, 1),
                            new RegionClaim(lending.bootId(), 2, 1));
            lending.prepare(new PrepareRegions(UUID.randomUUID(), grant, 1, CAPABILITY, claims));
        }
        List<ExtentPlan> extents = new ArrayList<>();
        for (int index = 0; index < EXTENTS; index++) {
            List<LegPlan> legs = new ArrayList<>();
            for (int i = 0; i < lenders.size(); i++) {
                legs.add(leg(ids.get(i), lenders.get(i), grant, index));
            }
            extents.add(new ExtentPlan(index, legs));
        }
        return new AttachGrant(
                UUID.randomUUID(),
                grant,
                1,
                UUID.randomUUID(),
                "mf-test",
                AttachMode.SWAP,
                EXTENTS * FabricLimits.REGION.bytes(),
                extents,
                UUID.randomUUID());
    }

    private static LegPlan leg(UUID id, RegionLending lending, UUID grant, int index) {
        String export =
                new ExportName(lending.bootId(), index + 1L, 1, grant, 1, CAPABILITY).wire();
        return new LegPlan(id, HeldAgent.address(lending), export);
    }

    private static void report(String what, int cycles, PageClient client) {
        System.out.printf(
                "borrower kill -9, %s: %d cycles, %d pages read, %d written, I/O errors %d, wrong"
                        + " pages %d, pause %s%n",
                what,
                cycles,
                client.pagesRead,
                client.pagesWritten,
                client.errors,
                client.wrongPages,
                Percentiles.of(client.pauses));
    }
}
