package io.memfabric.system;

import io.memfabric.agent.lending.RegionLending;
import io.memfabric.agent.lending.tcp.TcpRegionServer;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import io.memfabric.lab.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/// The lending part of an agent in a process of its own, whose regions one grant has claimed. What it
/// had is lost with the process.
final class LenderProcess implements AutoCloseable {

    static final String CAPABILITY = "00112233445566778899aabbccddeeff";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final UUID id = UUID.randomUUID();
    private final UUID grant;
    private final int regions;
    private Process process;
    private UUID bootId;
    private int port;
    private BufferedReader said;

    private LenderProcess(UUID grant, int regions) throws IOException {
        this.grant = grant;
        this.regions = regions;
        start();
    }

    static LenderProcess start(UUID grant, int regions) throws IOException {
        return new LenderProcess(grant, regions);
    }

    private void start() throws IOException {
        process =
                new ProcessBuilder(
                                HeldAgent.JAVA,
                                "-Xmx80m",
                                "-XX:+UseSerialGC",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                HeldAgent.classes() + ":" + HeldAgent.agentJar(),
                                LenderProcess.class.getName(),
                                grant.toString(),
                                String.valueOf(regions),
                                String.valueOf(port))
                        .redirectError(Redirect.DISCARD)
                        .start();
        said = process.inputReader(StandardCharsets.US_ASCII);
        String[] words = String.valueOf(said.readLine()).split(" ", -1);
        if (words.length != 2) {
            throw new IOException("the lender did not start");
        }
        bootId = UUID.fromString(words[0]);
        port = Integer.parseInt(words[1]);
    }

    /// A grant's region table, its claims, and where they are told.
    public static void main(String[] args) throws Exception {
        UUID grant = UUID.fromString(args[0]);
        int regions = Integer.parseInt(args[1]);
        InetSocketAddress at =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[2]));
        RegionLending lending =
                RegionLending.open(
                        at, new TcpRegionServer.TcpTransport(new DataSecurity.TrustedNetwork()));
        lending.resizeTo(MemorySize.ofBytes(regions * FabricLimits.REGION.bytes()));
        List<RegionClaim> claims = new ArrayList<>();
        for (long region = 1; region <= regions; region++) {
            claims.add(new RegionClaim(lending.bootId(), region, 1));
        }
        lending.prepare(new PrepareRegions(UUID.randomUUID(), grant, 1, CAPABILITY, claims));
        System.out.println(lending.bootId() + " " + lending.address().getPort());
        // It ends with who started it, and gives everything back when it is told to.
        while (System.in.read() >= 0) {
            lending.fence(new FenceRegions(UUID.randomUUID(), grant, 1, claims, true));
            System.out.println("fenced");
        }
        Runtime.getRuntime().halt(0);
    }

    /// The leg to the region that an extent has here.
    LegPlan leg(int extent) {
        String export = new ExportName(bootId, extent + 1L, 1, grant, 1, CAPABILITY).wire();
        return new LegPlan(id, "127.0.0.1:" + port, export);
    }

    /// Fences everything and gives it back to the host; answers when the host has it.
    void giveBack() throws IOException {
        long before = resident();
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        if (!"fenced".equals(said.readLine())) {
            throw new IOException("the lender did not fence");
        }
        long lent = regions * FabricLimits.REGION.bytes();
        Await.that(
                "the lender's memory to be back at its host",
                LIMIT,
                () -> before - resident() >= lent - lent / 100);
    }

    private long resident() {
        try (var lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void kill() {
        process.destroyForcibly();
        Await.that("the lender's end", LIMIT, () -> !process.isAlive());
    }

    void restart() throws IOException {
        start();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            var _ = process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
