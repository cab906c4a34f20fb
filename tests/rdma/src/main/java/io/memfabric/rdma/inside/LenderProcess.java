package io.memfabric.rdma.inside;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.memfabric.agent.lending.RegionConnection;
import io.memfabric.agent.lending.RegionLending;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.region.RegionSetName;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32;

/// The agent's lending in a process of its own. It takes orders, a line each, in the place of a
/// broker, and answers each with a line. Its regions are those of one claim at a time.
final class LenderProcess {

    static final String CAPABILITY = "00112233445566778899aabbccddeeff";

    private final RegionLending lending;

    private LenderProcess(RegionLending lending) {
        this.lending = lending;
    }

    static void run(String transport, int number) throws IOException {
        RegionLending lending =
                RegionLending.open(Place.data(number), Ways.named(transport).lending());
        LenderProcess process = new LenderProcess(lending);
        try (ServerSocket orders = new ServerSocket()) {
            orders.bind(Place.orders(number));
            while (true) {
                Socket from = orders.accept();
                Thread.ofPlatform().daemon().start(() -> process.obey(from));
            }
        }
    }

    private void obey(Socket from) {
        try (from;
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(from.getInputStream(), US_ASCII));
                PrintStream out = new PrintStream(from.getOutputStream(), true, US_ASCII)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.println(answer(line.split(" ", -1)));
            }
        } catch (IOException e) {
            System.out.println("NOTE who gave orders is gone: " + e.getMessage());
        }
    }

    private String answer(String[] order) {
        try {
            return switch (order[0]) {
                case "offer" -> offer(Integer.parseInt(order[1]));
                case "claim" -> outcome(lending.prepare(claim(order)));
                case "fence" -> outcome(lending.fence(fence(order)));
                case "sum" -> "%08x".formatted(sum(memory(order)));
                case "nonzero" -> String.valueOf(nonzero(memory(order)));
                case "queue-pairs" -> QueuePairs.shown();
                case "datagrams" -> String.valueOf(datagrams());
                case "verbs" -> VerbsCount.now().toString();
                case "die" -> die();
                default -> "unknown order " + order[0];
            };
        } catch (RuntimeException | IOException e) {
            return "failed " + e;
        }
    }

    private String offer(int regions) {
        lending.resizeTo(MemorySize.ofBytes(regions * FabricLimits.REGION.bytes()));
        return lending.bootId().toString();
    }

    private static String outcome(CommandResult result) {
        return result.outcome() + " " + result.code();
    }

    /// `claim GRANT EPOCH REGION GENERATION`.
    private PrepareRegions claim(String[] order) {
        return new PrepareRegions(
                UUID.randomUUID(),
                UUID.fromString(order[1]),
                Long.parseLong(order[2]),
                CAPABILITY,
                claims(order));
    }

    private FenceRegions fence(String[] order) {
        return new FenceRegions(
                UUID.randomUUID(),
                UUID.fromString(order[1]),
                Long.parseLong(order[2]),
                claims(order));
    }

    private List<RegionClaim> claims(String[] order) {
        return List.of(
                new RegionClaim(
                        lending.bootId(), Long.parseLong(order[3]), Long.parseLong(order[4])));
    }

    /// What lies in a claimed region.
    private ByteBuffer memory(String[] order) {
        ExportName region =
                new ExportName(
                        lending.bootId(),
                        Long.parseLong(order[3]),
                        Long.parseLong(order[4]),
                        UUID.fromString(order[1]),
                        Long.parseLong(order[2]),
                        CAPABILITY);
        RegionSetName name = new RegionSetName(List.of(region));
        RegionConnection look = () -> {};
        List<ByteBuffer> memory = lending.enter(name, false, look);
        if (memory.isEmpty()) {
            throw new IllegalArgumentException("that claim does not hold");
        }
        lending.leave(name, look);
        return memory.getFirst();
    }

    private static long sum(ByteBuffer memory) {
        CRC32 sum = new CRC32();
        sum.update(memory);
        return sum.getValue();
    }

    private static int nonzero(ByteBuffer memory) {
        LongBuffer words = memory.asLongBuffer();
        int found = 0;
        while (words.hasRemaining()) {
            if (words.get() != 0) {
                found++;
            }
        }
        return found;
    }

    /// How many UDP datagrams this VM's kernel took in and handed on: soft-RoCE's arrive as such.
    private static long datagrams() throws IOException {
        String[] udp =
                Files.readAllLines(Path.of("/proc/net/snmp")).stream()
                        .filter(line -> line.startsWith("Udp: ") && line.matches("Udp: [0-9 ]+"))
                        .findFirst()
                        .orElseThrow(() -> new IOException("the kernel counts no datagrams"))
                        .split(" ", -1);
        return Long.parseLong(udp[1]);
    }

    private static String die() {
        Runtime.getRuntime().halt(9);
        return "";
    }
}
