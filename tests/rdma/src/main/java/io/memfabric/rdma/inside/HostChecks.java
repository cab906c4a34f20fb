package io.memfabric.rdma.inside;

import static io.memfabric.rdma.inside.Checks.check;
import static io.memfabric.rdma.inside.Checks.require;

import io.memfabric.agent.rdma.RdmaCheck;
import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.agent.rdma.RdmaListener;
import io.memfabric.agent.rdma.VerbsLibrary;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What an operator is told of this host's RDMA: that all is well, or the one thing that is not.
final class HostChecks {

    private static final int PAGE = 4096;

    private HostChecks() {}

    /// The checks of a host whose RDMA works.
    static void run() {
        check("rdma-check", () -> checked(Optional.empty()));
        check("no-route", HostChecks::noRoute);
    }

    /// In a process of its own: an installed library in place of ours.
    static void library(String file) {
        check("library", () -> file + ", " + checked(Optional.of(Path.of(file))));
    }

    /// In a process that may not open the device's files.
    static void noPermission() {
        check("no-permission", HostChecks::notPermitted);
    }

    private static String checked(Optional<Path> library) throws IOException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int status = RdmaCheck.run(library, new PrintStream(said, true, StandardCharsets.UTF_8));
        String text = said.toString(StandardCharsets.UTF_8);
        text.lines().forEach(line -> System.out.println("NOTE " + line));
        require(status == 0, "status " + status);
        for (String part :
                List.of(
                        "rxe0 port 1",
                        "OK, Ethernet, ACTIVE",
                        "GID 1",
                        "RoCE v2",
                        "OK, address 10.77.0.",
                        "/dev/infiniband/rdma_cm",
                        "/dev/infiniband/uverbs0",
                        "memlock limit",
                        "native library",
                        "loopback READ on rxe0",
                        "RDMA can be used.")) {
            require(text.contains(part), "nothing is said of " + part);
        }
        return text.lines()
                .filter(line -> line.startsWith("loopback"))
                .findFirst()
                .orElseThrow()
                .replaceAll(" +", " ");
    }

    private static String noRoute() {
        String there = refused(new InetSocketAddress("10.99.0.1", 7001));
        require(there.startsWith(RdmaException.NO_ROUTE), there);
        InetSocketAddress elsewhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 7001);
        try (RdmaListener listener = VerbsLibrary.open(Optional.empty()).listen(elsewhere)) {
            throw new AssertionError("listens at " + listener.address());
        } catch (RdmaException e) {
            require(e.code().equals(RdmaException.NO_ROUTE), e.code() + ": " + e.getMessage());
            return there + "; " + e.getMessage();
        }
    }

    private static String refused(InetSocketAddress peer) {
        try (VerbsPeer _ = VerbsPeer.connect(peer, 1, PAGE)) {
            throw new AssertionError("connected to " + peer);
        } catch (RdmaException e) {
            return e.code() + ": " + e.getMessage();
        }
    }

    private static String notPermitted() {
        try {
            throw new AssertionError("opened " + VerbsLibrary.open(Optional.empty()));
        } catch (RdmaException e) {
            require(e.code().equals(RdmaException.NO_PERMISSION), e.code() + e.getMessage());
            return e.code() + ": " + e.getMessage();
        }
    }
}
