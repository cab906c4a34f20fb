package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.borrowing.tcp.TcpLegTransport;
import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.contract.region.RegionSetName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class TcpLegIT extends LegContract {

    @Override
    Lender lender(int regions) throws IOException {
        return Lender.with(regions);
    }

    @Override
    Leg.Transport transport() {
        return new TcpLegTransport(new DataSecurity.TrustedNetwork());
    }

    @Override
    LegGroup group(Lender lender, RegionSetName regions) {
        return new LegGroup(lender.id(), lender.address(), regions);
    }

    /// Commands are carried out in virtual threads. A socket that such a thread has used does not
    /// block any more, and every receive takes three system calls instead of one.
    @Test
    void isReceivedFromInOneCallThoughAVirtualThreadConnected() throws Exception {
        try (Lender lender = lender(1)) {
            LegGroup group = claimed(lender, 1);
            FutureTask<Leg.Connected> connecting =
                    new FutureTask<>(() -> transport().connect(group));
            Thread.startVirtualThread(connecting);
            try (LegBed bed = LegBed.begin(connecting.get())) {
                byte[] page = LegBed.stamped(4096, 1);
                bed.write(0, page);
                assertThat(bed.read(0, 4096)).isEqualTo(page);
                assertThat(flagsOfSocketTo(lender.address()) & NON_BLOCKING).isZero();
            }
        }
    }

    private static final int NON_BLOCKING = 04000;

    /// The open file's flags of this process's socket that is connected to an address of IPv4, or of
    /// IPv6 that stands for one.
    private static int flagsOfSocketTo(String address) throws IOException {
        String port =
                "%04X".formatted(Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
        Pattern line = Pattern.compile(" *\\d+: \\S+ \\w+:" + port + " 01( +\\S+){5} +(\\d+) .*");
        List<String> links = new ArrayList<>();
        for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
            for (String row : Files.readAllLines(Path.of(table))) {
                Matcher connected = line.matcher(row);
                if (connected.matches()) {
                    links.add("socket:[" + connected.group(2) + "]");
                }
            }
        }
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            Path socket = open.filter(fd -> links.contains(target(fd))).findFirst().orElseThrow();
            Path information = Path.of("/proc/self/fdinfo").resolve(socket.getFileName());
            return Files.readAllLines(information).stream()
                    .filter(row -> row.startsWith("flags:"))
                    .mapToInt(row -> Integer.parseInt(row.substring("flags:".length()).strip(), 8))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return "closed a moment ago";
        }
    }
}
