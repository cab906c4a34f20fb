package io.memfabric.agent.lending;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.memfabric.agent.nbd.RawClient;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.region.RegionSetName;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RegionLendingIT {

    private static final UUID GRANT = Lender.GRANT;
    private static final UUID OTHER = UUID.fromString("99999999-2222-3333-4444-555555555555");
    private static final int PAGE = 4096;

    @Test
    void regionsComeFromAndGoBackToTheKernel() throws Exception {
        try (Lender lender = Lender.with(0)) {
            long before = lockedBytes();
            lender.lending.resizeTo(MemorySize.ofMib(200));
            assertThat(lender.lending.offered()).isEqualTo(MemorySize.ofMib(192));
            assertThat(lockedBytes() - before).isEqualTo(MemorySize.ofMib(192).bytes());
            lender.lending.resizeTo(MemorySize.ofMib(64));
            assertThat(lockedBytes() - before).isEqualTo(MemorySize.ofMib(64).bytes());
            lender.lending.resizeTo(MemorySize.ZERO);
            assertThat(lockedBytes()).isEqualTo(before);
        }
    }

    @Test
    void aClaimedRegionIsNotDissolved() throws Exception {
        try (Lender lender = Lender.with(2)) {
            lender.claim(GRANT, 1, 1, 2);
            lender.lending.resizeTo(MemorySize.ZERO);
            assertThat(lender.lending.regions()).hasSize(1);
            assertThat(lender.lending.lent()).isEqualTo(FabricLimits.REGION);
            lender.fence(GRANT, 1, 1, 2);
            lender.lending.resizeTo(MemorySize.ZERO);
            assertThat(lender.lending.regions()).isEmpty();
        }
    }

    @Test
    void onlyTheExactClaimIsLetIn() throws Exception {
        try (Lender lender = Lender.with(2)) {
            lender.claim(GRANT, 5, 3, 1);
            UUID boot = lender.lending.bootId();
            String secret = Lender.CAPABILITY;
            String wrong = "f" + secret.substring(1);
            List<ExportName> names =
                    List.of(
                            new ExportName(UUID.randomUUID(), 1, 3, GRANT, 5, secret),
                            new ExportName(boot, 2, 3, GRANT, 5, secret),
                            new ExportName(boot, 77, 3, GRANT, 5, secret),
                            new ExportName(boot, 1, 2, GRANT, 5, secret),
                            new ExportName(boot, 1, 4, GRANT, 5, secret),
                            new ExportName(boot, 1, 3, OTHER, 5, secret),
                            new ExportName(boot, 1, 3, GRANT, 4, secret),
                            new ExportName(boot, 1, 3, GRANT, 6, secret),
                            new ExportName(boot, 1, 3, GRANT, 5, wrong));
            for (ExportName name : names) {
                assertThatThrownBy(() -> RawClient.entered(lender.lending.address(), name.wire()))
                        .isInstanceOf(IOException.class)
                        .hasMessage("refused: 80000006");
            }
            RawClient.entered(lender.lending.address(), lender.exportName(GRANT, 5, 3, 1)).close();
        }
    }

    @Test
    void theNextOwnerReadsZeros() throws Exception {
        try (Lender lender = Lender.with(1)) {
            lender.claim(GRANT, 1, 1, 1);
            byte[] secret = new byte[1 << 20];
            Arrays.fill(secret, (byte) 0x5a);
            try (RawClient first =
                    RawClient.entered(
                            lender.lending.address(), lender.exportName(GRANT, 1, 1, 1))) {
                for (int at = 0; at < FabricLimits.REGION.bytes(); at += secret.length) {
                    first.write(at, secret);
                }
            }
            lender.fence(GRANT, 1, 1, 1);
            lender.claim(OTHER, 1, 2, 1);
            try (RawClient second =
                    RawClient.entered(
                            lender.lending.address(), lender.exportName(OTHER, 1, 2, 1))) {
                for (int at = 0; at < FabricLimits.REGION.bytes(); at += secret.length) {
                    byte[] seen = second.read(at, secret.length).data().array();
                    assertThat(Arrays.equals(seen, new byte[secret.length])).isTrue();
                }
            }
        }
    }

    /// Several connections write as fast as they can while the region is fenced. Once the fence is
    /// acknowledged nothing of theirs may land: the next owner sees zeros, and goes on seeing them.
    @Test
    void afterAnAcknowledgedFenceNoWriteLands() throws Exception {
        try (Lender lender = Lender.with(1)) {
            for (long generation = 1; generation <= 20; generation++) {
                lender.claim(GRANT, generation, generation, 1);
                List<Thread> hammers = new ArrayList<>();
                CountDownLatch writing = new CountDownLatch(4);
                AtomicLong acknowledged = new AtomicLong();
                for (int i = 0; i < 4; i++) {
                    hammers.add(hammer(lender, generation, writing, acknowledged));
                }
                writing.await();
                CommandResult fenced = lender.fence(GRANT, generation, generation, 1);
                long atFence = acknowledged.get();
                assertThat(fenced.outcome()).isEqualTo(CommandResult.Outcome.DONE);
                assertThat(atFence).isPositive();

                UUID next = UUID.randomUUID();
                lender.claim(next, 1, ++generation, 1);
                assertAllZero(lender, next, generation);
                for (Thread hammer : hammers) {
                    hammer.join();
                }
                assertAllZero(lender, next, generation);
                lender.fence(next, 1, generation, 1);
            }
        }
    }

    private static Thread hammer(
            Lender lender, long generation, CountDownLatch writing, AtomicLong acknowledged)
            throws IOException {
        RawClient client =
                RawClient.entered(
                        lender.lending.address(),
                        lender.exportName(GRANT, generation, generation, 1));
        return Thread.ofPlatform()
                .start(
                        () -> {
                            byte[] data = new byte[16 * PAGE];
                            Arrays.fill(data, (byte) 0xee);
                            try (client) {
                                for (int i = 0; ; i++) {
                                    client.write((i % 1000L) * data.length, data);
                                    acknowledged.incrementAndGet();
                                    if (i == 20) {
                                        writing.countDown();
                                    }
                                }
                            } catch (IOException e) {
                                // Cut by the fence, as it must be.
                            }
                        });
    }

    private static void assertAllZero(Lender lender, UUID grant, long generation)
            throws IOException {
        try (RawClient client =
                RawClient.entered(
                        lender.lending.address(), lender.exportName(grant, 1, generation, 1))) {
            int step = 1 << 20;
            for (int at = 0; at < FabricLimits.REGION.bytes(); at += step) {
                byte[] data = client.read(at, step).data().array();
                assertThat(Arrays.equals(data, new byte[step])).isTrue();
            }
        }
    }

    /// What a borrower sent over a connection that it gave up must not land on what it sends over the
    /// next one.
    @Test
    void onceASoleClientIsInNoWriteOfAnotherLands() throws Exception {
        byte[] last = new byte[16 * PAGE];
        Arrays.fill(last, (byte) 0x11);
        try (Lender lender = Lender.with(1)) {
            lender.claim(GRANT, 1, 1, 1);
            for (int round = 0; round < 10; round++) {
                CountDownLatch writing = new CountDownLatch(4);
                List<Thread> before = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    before.add(hammer(lender, 1, writing, new AtomicLong()));
                }
                writing.await();
                try (RawClient sole =
                        RawClient.enteredAlone(
                                lender.lending.address(), lender.exportName(GRANT, 1, 1, 1))) {
                    for (long i = 0; i < 1000; i++) {
                        assertThat(sole.write(i * last.length, last)).isZero();
                    }
                    for (Thread hammer : before) {
                        hammer.join();
                    }
                    for (long i = 0; i < 1000; i++) {
                        byte[] found = sole.read(i * last.length, last.length).data().array();
                        assertThat(Arrays.equals(found, last)).isTrue();
                    }
                }
            }
        }
    }

    @Test
    void aFencedClaimIsNotLetInAgain() throws Exception {
        try (Lender lender = Lender.with(1)) {
            lender.claim(GRANT, 1, 1, 1);
            lender.fence(GRANT, 1, 1, 1);
            assertThatThrownBy(
                            () ->
                                    RawClient.entered(
                                            lender.lending.address(),
                                            lender.exportName(GRANT, 1, 1, 1)))
                    .hasMessage("refused: 80000006");
            assertThat(lender.lending.regions())
                    .containsExactly(new RegionReport(1, 1, RegionReport.State.FREE, null, 0));
        }
    }

    @Test
    void aSetOfRegionsIsOneExportAndEndsWithTheFirstOfThem() throws Exception {
        try (Lender lender = Lender.with(3)) {
            lender.claim(GRANT, 1, 1, 1, 2, 3);
            UUID boot = lender.lending.bootId();
            RegionSetName set =
                    new RegionSetName(
                            List.of(
                                    new ExportName(boot, 3, 1, GRANT, 1, Lender.CAPABILITY),
                                    new ExportName(boot, 1, 1, GRANT, 1, Lender.CAPABILITY)));
            byte[] mark = {1, 2, 3, 4};
            long border = FabricLimits.REGION.bytes();
            try (RawClient both = RawClient.entered(lender.lending.address(), set.wire());
                    RawClient third =
                            RawClient.entered(
                                    lender.lending.address(), lender.exportName(GRANT, 1, 1, 3))) {
                assertThat(both.write(border - 2, mark)).isZero();
                assertThat(both.read(border - 2, 4).data().array()).isEqualTo(mark);
                assertThat(third.read(border - 2, 2).data().array()).containsExactly(1, 2);
                lender.fence(GRANT, 1, 1, 1);
                assertThat(both.isClosedByPeer()).isTrue();
                assertThat(third.read(border - 2, 2).data().array()).containsExactly(1, 2);
            }
            assertThatThrownBy(() -> RawClient.entered(lender.lending.address(), set.wire()))
                    .hasMessage("refused: 80000006");
        }
    }

    @Test
    void aFenceByAnotherGrantLeavesTheConnectionAlone() throws Exception {
        try (Lender lender = Lender.with(1)) {
            lender.claim(GRANT, 1, 1, 1);
            try (RawClient client =
                    RawClient.entered(
                            lender.lending.address(), lender.exportName(GRANT, 1, 1, 1))) {
                client.write(0, new byte[] {42});
                assertThat(lender.fence(OTHER, 9, 9, 1).outcome())
                        .isEqualTo(CommandResult.Outcome.DONE);
                assertThat(client.read(0, 1).data().get()).isEqualTo((byte) 42);
            }
        }
    }

    @Test
    void aRegionHasAtMostSixteenConnections() throws Exception {
        try (Lender lender = Lender.with(1)) {
            lender.claim(GRANT, 1, 1, 1);
            String name = lender.exportName(GRANT, 1, 1, 1);
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                clients.add(RawClient.entered(lender.lending.address(), name));
            }
            assertThatThrownBy(() -> RawClient.entered(lender.lending.address(), name))
                    .isInstanceOf(IOException.class);
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aThousandIdleConnectionsKeepNobodyOut() throws Exception {
        try (Lender lender = Lender.with(1)) {
            lender.claim(GRANT, 1, 1, 1);
            List<RawClient> idle = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                idle.add(new RawClient(lender.lending.address()));
            }
            try (RawClient client =
                    RawClient.entered(
                            lender.lending.address(), lender.exportName(GRANT, 1, 1, 1))) {
                assertThat(client.write(0, new byte[PAGE])).isZero();
            }
            for (RawClient client : idle) {
                client.close();
            }
        }
    }

    @Test
    void saysClearlyThatMemoryMayNotBeLocked() throws Exception {
        Process lender =
                new ProcessBuilder(
                                "prlimit",
                                "--memlock=65536",
                                "setpriv",
                                "--bounding-set=-ipc_lock",
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                UnlockableLender.class.getName())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(lender.getInputStream().readAllBytes(), UTF_8).strip();
        assumeFalse(said.startsWith("setpriv:"), said);
        assertThat(said).isEqualTo("memlock_limit 0 B");
    }

    /// A lender in a process that may lock 64 KiB.
    public static final class UnlockableLender {
        public static void main(String[] args) throws IOException {
            try (Lender lender = Lender.with(0)) {
                try {
                    lender.lending.resizeTo(MemorySize.ofMib(64));
                } catch (LendingException e) {
                    System.out.println(e.code() + " " + lender.lending.offered());
                }
            }
        }
    }

    private static long lockedBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmLck:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
