package io.memfabric.broker;

import io.memfabric.broker.testbed.BenchFigures;
import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.HostileClients;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.broker.testbed.Tokens;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// What other tenants notice of one that means harm, and what the time of an answer tells: rounds of
/// peace and of harm in turn, and the median of their ratios.
final class HarmFigures {

    private static final int ROUNDS = 5;
    private static final int REQUESTS = 400;
    private static final String LISTED = "/api/v1/vms";

    private HarmFigures() {}

    static void measure(TestBroker broker, BenchFigures figures) throws Exception {
        Tokens tokens = new Tokens();
        Http viewer = tokens.caller(tokens.tenant(null, null), "tenant-viewer");
        timing(tokens, viewer, figures);
        Process process = start(broker, tokens.tenant(null, null), tokens);
        try (PrintWriter orders =
                        new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
                BufferedReader answers =
                        new BufferedReader(
                                new InputStreamReader(
                                        process.getInputStream(), StandardCharsets.UTF_8))) {
            p99(viewer);
            List<Double> ratios = new ArrayList<>();
            double before = heap();
            double most = before;
            for (int i = 0; i < ROUNDS; i++) {
                double peace = p99(viewer);
                obey(orders, answers, "go", "on");
                ratios.add(p99(viewer) / peace);
                most = Math.max(most, heap());
                obey(orders, answers, "stop", "off");
            }
            figures.add("dos.p99_ratio", BenchFigures.median(ratios), "of peace", 2.0, ROUNDS);
            figures.add("dos.heap_growth_bytes", most - before, "bytes", (double) (256L << 20), 1);
            figures.add("dos.idle_connections", 10_000, "connections", null, ROUNDS);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /// Another's grant and none, asked for in turn.
    private static void timing(Tokens tokens, Http viewer, BenchFigures figures) {
        try (Fleet fleet = new Fleet()) {
            fleet.lender(1);
            FakeAgent borrower = fleet.borrower();
            tokens.assign(borrower.vmId(), tokens.tenant(null, null));
            String foreign = "/api/v1/grants/" + fleet.active(borrower, 64L << 20, 1);
            String missing = "/api/v1/grants/" + UUID.randomUUID();
            List<Double> theirs = new ArrayList<>();
            List<Double> nobodys = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                theirs.add(millis(viewer, foreign, 404));
                nobodys.add(millis(viewer, missing, 404));
            }
            double ratio = BenchFigures.median(theirs) / BenchFigures.median(nobodys);
            figures.add("foreign_time_ratio", ratio, "of what is not there", 1.1, REQUESTS);
        }
    }

    private static Process start(TestBroker broker, String tenant, Tokens tokens)
            throws IOException {
        String token = tokens.token(tenant, "tenant-operator").body().at("/token").asString();
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty(
                                "surefire.test.class.path", System.getProperty("java.class.path")),
                        HostileClients.class.getName(),
                        broker.address().toString(),
                        token)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void obey(
            PrintWriter orders, BufferedReader answers, String order, String answer)
            throws IOException {
        orders.println(order);
        String said = answers.readLine();
        if (!answer.equals(said)) {
            throw new IOException("the clients say " + said);
        }
    }

    private static double p99(Http viewer) {
        List<Double> all = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            all.add(millis(viewer, LISTED, 200));
        }
        return all.stream().sorted().toList().get(REQUESTS * 99 / 100);
    }

    private static double millis(Http caller, String path, int status) {
        long start = System.nanoTime();
        Http.Answer answer = caller.get(path);
        double millis = (System.nanoTime() - start) / 1e6;
        if (answer.status() != status) {
            throw new IllegalStateException(answer.toString());
        }
        return millis;
    }

    private static double heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
