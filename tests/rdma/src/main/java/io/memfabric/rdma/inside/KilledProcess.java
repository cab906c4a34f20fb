package io.memfabric.rdma.inside;

import static io.memfabric.rdma.inside.Checks.check;

import io.memfabric.agent.rdma.RdmaException;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A process that is killed while its link is down takes leave of its peers all the same: the kernel
/// does it, and soft-RoCE may hear nothing any more after that. Looks whether it does, and whether
/// making the device anew is enough. This process itself must not have the device open.
final class KilledProcess {

    private static final int LENDER = 2;
    private static final String HELD = "HELD";
    private static final String REACHED = "REACHED";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private KilledProcess() {}

    static void run() {
        check("killed-process", KilledProcess::killed);
    }

    private static String killed() throws IOException, InterruptedException {
        Process holder = start("hold");
        BufferedReader said = holder.inputReader();
        String line = said.readLine();
        while (line != null && !line.startsWith(HELD)) {
            line = said.readLine();
        }
        Checks.require(line != null, "nothing is held");
        BorrowerChecks.ip("link", "set", "eth0", "down");
        holder.destroyForcibly();
        Checks.require(holder.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS), "it lives");
        BorrowerChecks.ip("link", "set", "eth0", "up");
        if (reaches()) {
            return "the next process connects";
        }
        tool("rdma", "link", "delete", "rxe0");
        tool("rdma", "link", "add", "rxe0", "type", "rxe", "netdev", "eth0");
        Checks.require(reaches(), "nothing connects, not even over a device that was made anew");
        return "the next process does not connect; over a device that was made anew it does";
    }

    private static boolean reaches() throws IOException {
        return start("reach").inputReader().readAllLines().contains(REACHED);
    }

    /// This program again.
    private static Process start(String what) throws IOException {
        List<String> command = new ArrayList<>();
        ProcessHandle.Info info = ProcessHandle.current().info();
        command.add(info.command().orElseThrow());
        String[] arguments = info.arguments().orElseThrow();
        command.addAll(List.of(arguments).subList(0, arguments.length - 1));
        command.add(what);
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static void tool(String... words) throws IOException, InterruptedException {
        int status = new ProcessBuilder(words).inheritIO().start().waitFor();
        Checks.require(status == 0, String.join(" ", words) + " ended with " + status);
    }

    /// The process that is killed.
    static void hold() throws IOException, InterruptedException {
        try (VerbsPeer peer = VerbsPeer.connect(Place.data(LENDER), 1, 4096)) {
            System.out.println(HELD + " " + peer.pair);
            Thread.sleep(LIMIT);
        }
    }

    /// Says whether a lender can be connected to.
    static void reach() {
        try (VerbsPeer _ = VerbsPeer.connect(Place.data(LENDER), 1, 4096)) {
            System.out.println(REACHED);
        } catch (RdmaException e) {
            System.out.println(e.code() + ": " + e.getMessage());
        }
    }
}
