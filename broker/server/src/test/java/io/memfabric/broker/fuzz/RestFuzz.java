package io.memfabric.broker.fuzz;

import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.OpenApi;
import io.memfabric.broker.testbed.TestBroker;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The broker's REST routes against requests that the contract leads to and nobody meant. Every answer
/// is the contract's, a refusal is a problem with a code and changes nothing, the broker's heap does
/// not grow, and afterwards a grant is made and released as ever.
///
/// Arguments: seconds, and a seed to do the same again.
final class RestFuzz {

    private static final int UPKEEP = 400;
    private static final int MOST_FAILURES = 5;
    private static final int TRIES = 3;
    private static final long MIB = 1L << 20;

    /// What the collector may find more of at the end than after the first third: buffers and rows
    /// that the run's own hosts and events fill.
    private static final long MOST_GROWTH = 32 * MIB;

    private final OpenApi api;
    private final TestBroker broker;
    private final FuzzWorld world;
    private final LedgerState ledger;
    private final RequestForge forge;
    private final AnswerRule rule;
    private final Map<Integer, Integer> statuses = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private int requests;
    private int compared;
    private String lastWrites = "";
    private List<String> last = List.of();

    private RestFuzz(long seed, Fleet fleet) throws IOException {
        api = OpenApi.read();
        broker = TestBroker.shared();
        Map<String, String> ids = new ConcurrentHashMap<>();
        world = new FuzzWorld(fleet, ids);
        ledger = new LedgerState(broker.bean(JdbcClient.class));
        forge =
                new RequestForge(
                        api, new SplittableRandom(seed), ids, world::tokens, this::currentTag);
        rule = new AnswerRule(api);
    }

    public static void main(String[] args) throws Exception {
        long seconds = Long.parseLong(args[0]);
        long seed = args.length > 1 ? Long.parseLong(args[1]) : System.nanoTime();
        System.out.println("seed " + seed);
        // One caller sends more than many do: what is asked here is not how many are let in.
        for (String limit : List.of("tenant-rate", "source-rate", "failure-rate")) {
            System.setProperty("memfabric.limits." + limit, "1000000");
        }
        // The broker's threads would keep the process alive after a failure of the run itself.
        int code = 1;
        try (Fleet fleet = new Fleet()) {
            code = new RestFuzz(seed, fleet).run(seconds) ? 0 : 1;
        } catch (IOException | RuntimeException | AssertionError e) {
            System.getLogger("rest").log(System.Logger.Level.ERROR, "the run broke off", e);
        }
        System.exit(code);
    }

    private boolean run(long seconds) throws IOException {
        long start = System.nanoTime();
        long heap = 0;
        try (RawHttp http = new RawHttp(broker.address())) {
            while (secondsSince(start) < seconds && failures.size() < MOST_FAILURES) {
                if (requests % UPKEEP == 0) {
                    world.keepUp();
                }
                if (heap == 0 && secondsSince(start) * 3 > seconds) {
                    heap = heap();
                }
                requests++;
                one(http, forge.next());
            }
        }
        failures.forEach(failure -> System.out.println("ERROR " + failure));
        world.keepUp();
        world.proveItWorks();
        broker.holdInvariants();
        long growth = heap() - heap;
        if (failures.isEmpty() && growth > MOST_GROWTH) {
            failures.add("the heap grew by " + growth + " bytes");
            System.out.println("ERROR " + failures.getLast());
        }
        System.out.printf(
                Locale.ROOT,
                "rest: %d requests to %d operations, answers %s, %d refusals compared with the ledger,"
                        + " heap growth %d KiB%n",
                requests,
                api.routes().size(),
                statuses,
                compared,
                growth / 1024);
        return failures.isEmpty();
    }

    private void one(RawHttp http, ForgedRequest request) throws IOException {
        String writes = ledger.writes();
        List<String> before = compared == 0 || !writes.equals(lastWrites) ? ledger.digest() : last;
        RawHttp.Answer answer;
        try {
            answer = http.send(request);
        } catch (IOException e) {
            fail(request, "no answer: " + e);
            return;
        }
        statuses.merge(answer.status(), 1, Integer::sum);
        rule.errors(request, answer).forEach(error -> fail(request, error));
        lastWrites = ledger.writes();
        last = lastWrites.equals(writes) ? before : ledger.digest();
        if (answer.status() >= 400) {
            compared++;
            if (!last.equals(before)) {
                suspect(http, request);
            }
        }
    }

    /// A refusal beside which the ledger changed. The broker works by itself too, but not each time
    /// that the request is sent again.
    private void suspect(RawHttp http, ForgedRequest request) throws IOException {
        List<String> difference = List.of();
        for (int i = 0; i < TRIES; i++) {
            List<String> before = ledger.digest();
            if (http.send(request).status() < 400) {
                return;
            }
            difference = new ArrayList<>(ledger.digest());
            difference.removeAll(before);
            if (difference.isEmpty()) {
                return;
            }
        }
        fail(request, "a refusal changed the ledger: " + difference);
    }

    private void fail(ForgedRequest request, String what) {
        String text = request.toString();
        failures.add(what + "\n" + text.substring(0, Math.min(text.length(), 1200)));
        try {
            Path directory = Files.createDirectories(Path.of("../../target/fuzz/rest"));
            Files.write(
                    directory.resolve("request-" + failures.size()),
                    text.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            System.out.println("the request cannot be kept: " + e);
        }
    }

    private String currentTag(String path) {
        String thing = path.contains(":") ? path.substring(0, path.indexOf(':')) : path;
        return broker.admin()
                .get(thing.endsWith("/policies") ? thing + "/current" : thing)
                .etag()
                .orElse("\"0\"");
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static long heap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least =
                    Math.min(
                            least,
                            ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
