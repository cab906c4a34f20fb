package io.memfabric.agent.lending;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.memfabric.agent.borrowing.DiskClients;
import io.memfabric.agent.borrowing.ExportedDisk;
import io.memfabric.agent.borrowing.RemoteBorrowing;
import io.memfabric.agent.borrowing.tcp.TcpLegTransport;
import io.memfabric.agent.lending.tcp.TcpRegionServer;
import io.memfabric.agent.nbd.RawClient;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Regions on the host's own disk.
class SpillIT {

    private static final UUID GRANT = Lender.GRANT;
    private static final UUID OTHER = UUID.fromString("99999999-2222-3333-4444-555555555555");
    private static final UUID KERNEL = UUID.fromString("12345678-2222-3333-4444-555555555555");
    private static final int REGION = (int) FabricLimits.REGION.bytes();
    private static final int PAGE = 4096;

    @TempDir private Path temp;

    private Path folder() {
        return temp.resolve("spill");
    }

    private static RegionLending open(Path folder, int regions, UUID kernel) throws IOException {
        return RegionLending.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new TcpRegionServer.TcpTransport(new DataSecurity.TrustedNetwork()),
                Optional.of(
                        SpillFolder.open(
                                folder, MemorySize.ofBytes((long) regions * REGION), kernel)));
    }

    private RegionLending open(int regions) throws IOException {
        return open(folder(), regions, KERNEL);
    }

    private static UUID table(RegionLending lending) {
        return lending.spill().orElseThrow().bootId();
    }

    private static List<RegionReport> regions(RegionLending lending) {
        return lending.spill().orElseThrow().regions();
    }

    private static CommandResult claim(RegionLending lending, UUID grant, long generation, int id) {
        return lending.prepare(
                new PrepareRegions(
                        UUID.randomUUID(),
                        grant,
                        1,
                        Lender.CAPABILITY,
                        List.of(new RegionClaim(table(lending), id, generation))));
    }

    private static CommandResult fence(
            RegionLending lending, UUID grant, long generation, int id, boolean withdraw) {
        return lending.fence(
                new FenceRegions(
                        UUID.randomUUID(),
                        grant,
                        1,
                        List.of(new RegionClaim(table(lending), id, generation)),
                        withdraw));
    }

    private static String name(RegionLending lending, UUID grant, long generation, int id) {
        return new ExportName(table(lending), id, generation, grant, 1, Lender.CAPABILITY).wire();
    }

    private static RawClient enter(RegionLending lending, UUID grant, long generation, int id)
            throws Exception {
        return RawClient.entered(lending.address(), name(lending, grant, generation, id));
    }

    /// What the files of the folder take on the disk.
    private static long allocated(Path folder) throws Exception {
        Process du =
                new ProcessBuilder("du", "--block-size=1", "-s", folder.toString())
                        .redirectErrorStream(true)
                        .start();
        String line = new String(du.getInputStream().readAllBytes(), US_ASCII);
        return Long.parseLong(line.substring(0, line.indexOf('\t')));
    }

    @Test
    void theyAreNoMemoryOfTheHost() throws Exception {
        try (RegionLending lending = open(2)) {
            assertThat(regions(lending)).hasSize(2);
            assertThat(lending.regions()).isEmpty();
            assertThat(lending.offered()).isEqualTo(MemorySize.ZERO);
            lending.resizeTo(MemorySize.ofMib(64));
            claim(lending, GRANT, 1, 1);
            assertThat(lending.lent()).isEqualTo(MemorySize.ZERO);
            assertThat(lending.regions()).hasSize(1);
            assertThat(table(lending)).isNotEqualTo(lending.bootId());
        }
    }

    @Test
    void theNextOwnerReadsZerosAndTheDiskHasItsRoomBack() throws Exception {
        try (RegionLending lending = open(2)) {
            long before = allocated(folder());
            assertThat(claim(lending, GRANT, 1, 1).outcome()).isEqualTo(CommandResult.Outcome.DONE);
            assertThat(allocated(folder()) - before).isGreaterThanOrEqualTo(REGION);
            byte[] secret = new byte[1 << 20];
            Arrays.fill(secret, (byte) 0x5a);
            try (RawClient first = enter(lending, GRANT, 1, 1)) {
                for (int at = 0; at < REGION; at += secret.length) {
                    first.write(at, secret);
                }
            }
            // Even where the broker wants the memory back: a region on disk is none.
            fence(lending, GRANT, 1, 1, true);
            assertThat(regions(lending)).hasSize(2);
            assertThat(allocated(folder()) - before).isLessThan(REGION);
            assertThatThrownBy(() -> enter(lending, GRANT, 1, 1)).isInstanceOf(IOException.class);
            claim(lending, OTHER, 2, 1);
            try (RawClient second = enter(lending, OTHER, 2, 1)) {
                for (int at = 0; at < REGION; at += secret.length) {
                    byte[] seen = second.read(at, secret.length).data().array();
                    assertThat(Arrays.equals(seen, new byte[secret.length])).isTrue();
                }
            }
        }
    }

    @Test
    void theNextAgentServesWhatTheLastOneHeld() throws Exception {
        UUID before;
        byte[] page = new byte[PAGE];
        Arrays.fill(page, (byte) 7);
        try (RegionLending lending = open(2)) {
            before = table(lending);
            claim(lending, GRANT, 1, 2);
            try (RawClient client = enter(lending, GRANT, 1, 2)) {
                client.write(3 * PAGE, page);
            }
        }
        try (RegionLending lending = open(1)) {
            assertThat(table(lending)).isEqualTo(before);
            assertThat(regions(lending))
                    .containsExactly(new RegionReport(2, 1, RegionReport.State.CLAIMED, GRANT, 1));
            try (RawClient client = enter(lending, GRANT, 1, 2)) {
                assertThat(client.read(3 * PAGE, PAGE).data().array()).isEqualTo(page);
            }
            fence(lending, GRANT, 1, 2, false);
            assertThat(claim(lending, GRANT, 1, 2).code()).isEqualTo("stale_generation");
        }
    }

    @Test
    void nothingOutlivesTheKernel() throws Exception {
        UUID before;
        try (RegionLending lending = open(1)) {
            before = table(lending);
            claim(lending, GRANT, 1, 1);
            try (RawClient client = enter(lending, GRANT, 1, 1)) {
                client.write(0, new byte[] {1, 2, 3, 4});
            }
        }
        try (RegionLending lending = open(folder(), 1, UUID.randomUUID())) {
            assertThat(table(lending)).isNotEqualTo(before);
            claim(lending, OTHER, 1, 1);
            try (RawClient client = enter(lending, OTHER, 1, 1)) {
                assertThat(client.read(0, 4).data().array()).containsOnly(0);
            }
        }
    }

    @Test
    void aClaimWhoseFileIsGoneIsNotServedAsZeros() throws Exception {
        UUID before;
        try (RegionLending lending = open(1)) {
            before = table(lending);
            claim(lending, GRANT, 1, 1);
        }
        Files.delete(folder().resolve("region-1"));
        try (RegionLending lending = open(1)) {
            assertThat(table(lending)).isNotEqualTo(before);
        }
    }

    @Test
    void whatIsNoTableIsNotOverwritten() throws Exception {
        open(1).close();
        Files.writeString(folder().resolve("table.json"), "{\"kernel\": 3");
        assertThatThrownBy(() -> open(1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("table.json");
    }

    /// A file system of 96 MiB has room for one region, and not for two.
    @Test
    void aFullDiskRefusesTheClaimAndNoWrite() throws Exception {
        Path small = Files.createDirectory(temp.resolve("small"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=96m", "none", small.toString()),
                "mounting a small file system takes root");
        try {
            try (RegionLending lending = open(small.resolve("spill"), 2, KERNEL)) {
                claim(lending, GRANT, 1, 1);
                CommandResult refused = claim(lending, OTHER, 1, 2);
                assertThat(refused.code()).isEqualTo("spill_full");
                assertThat(regions(lending).getLast().state()).isEqualTo(RegionReport.State.FREE);
                byte[] page = new byte[1 << 20];
                Arrays.fill(page, (byte) 9);
                try (RawClient client = enter(lending, GRANT, 1, 1)) {
                    for (int at = 0; at < REGION; at += page.length) {
                        client.write(at, page);
                    }
                    assertThat(client.read(REGION - PAGE, PAGE).data().array()).containsOnly(9);
                }
                fence(lending, GRANT, 1, 1, false);
                assertThat(claim(lending, OTHER, 1, 2).outcome())
                        .isEqualTo(CommandResult.Outcome.DONE);
            }
        } finally {
            assertThat(run("umount", small.toString())).isTrue();
        }
    }

    private static boolean run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        return process.waitFor() == 0;
    }

    @Test
    void theDiskHasNothingInTheClear() throws Exception {
        byte[] text = "what the guest swapped out, ".repeat(200).getBytes(US_ASCII);
        try (RegionLending lending = open(1);
                RemoteBorrowing borrowing =
                        RemoteBorrowing.open(
                                Files.createDirectory(temp.resolve("run")),
                                new TcpLegTransport(new DataSecurity.TrustedNetwork()),
                                DiskClients.ANY)) {
            claim(lending, GRANT, 1, 1);
            InetSocketAddress at = lending.address();
            LegPlan leg =
                    new LegPlan(
                            UUID.randomUUID(),
                            at.getAddress().getHostAddress() + ":" + at.getPort(),
                            name(lending, GRANT, 1, 1));
            ExportedDisk disk = borrowing.open(Lender.plan(List.of(leg)));
            try (RawClient guest =
                    RawClient.entered(
                            UnixDomainSocketAddress.of(disk.socket()), disk.exportName())) {
                guest.write(0, Arrays.copyOf(text, PAGE));
                assertThat(guest.read(0, PAGE).data().array()).startsWith(text[0], text[1]);
            }
        }
        byte[] onDisk = Files.readAllBytes(folder().resolve("region-1"));
        assertThat(Arrays.equals(Arrays.copyOf(onDisk, PAGE), new byte[PAGE])).isFalse();
        assertThat(new String(onDisk, ISO_8859_1)).doesNotContain("swapped out");
    }
}
