package io.memfabric.control;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/// Many grants asked for at once, while something happens to the broker. Every caller repeats its
/// request under its key until it is answered, as a caller should; then the storm is held against
/// what the hosts have.
final class GrantStorm {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final long SIZE = 64L << 20;
    private static final Set<String> ENDED = Set.of("ACTIVE", "FAILED", "DEGRADED");

    private final Rest admin;
    private final List<SimulatedHost> lenders;
    private final SimulatedHost borrower;
    private final int copies;

    GrantStorm(Rest admin, List<SimulatedHost> lenders, SimulatedHost borrower, int copies) {
        this.admin = admin;
        this.lenders = List.copyOf(lenders);
        this.borrower = borrower;
        this.copies = copies;
    }

    /// What is wrong after a storm, and how long it took to come to rest.
    ///
    /// @param lost requests that were answered and whose grant is neither active nor failed, or that
    ///     never got an answer, or active grants without device
    /// @param doubled keys that began two grants, and regions that two grants were given
    /// @param leaked regions that are held for no live grant after everything was released
    /// @param settledSeconds from the broker's return until every grant had ended one way
    record Outcome(int lost, int doubled, int leaked, double settledSeconds, int active) {}

    /// What happens to the broker in the middle.
    interface Disturbance {
        /// Strikes, and answers nanoTime of the moment from which the settling counts.
        long strike() throws IOException, InterruptedException;
    }

    Outcome run(int grants, int callers, Disturbance disturbance)
            throws IOException, InterruptedException {
        Map<String, String> grantOfKey = new ConcurrentHashMap<>();
        AtomicInteger doubled = new AtomicInteger();
        AtomicInteger next = new AtomicInteger();
        CountDownLatch half = new CountDownLatch(grants / 2);
        int refused = refusedClaims();
        String storm = UUID.randomUUID().toString();
        long returned;
        List<Future<?>> asking = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int c = 0; c < callers; c++) {
                Rest caller = admin.startingAt(c);
                asking.add(
                        threads.submit(
                                () -> {
                                    for (int i = next.getAndIncrement();
                                            i < grants;
                                            i = next.getAndIncrement()) {
                                        ask(caller, storm + "-" + i, grantOfKey, doubled);
                                        half.countDown();
                                    }
                                    return null;
                                }));
            }
            half.await();
            returned = disturbance.strike();
            for (Future<?> caller : asking) {
                caller.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("a caller gave up", e);
        }
        Set<String> unsettled = new HashSet<>(grantOfKey.values());
        Map<String, JsonNode> ended = settle(unsettled);
        double seconds = (System.nanoTime() - returned) / 1e9;
        int active =
                (int)
                        ended.values().stream()
                                .filter(g -> !g.at("/status/state").asString().equals("FAILED"))
                                .count();
        int lost = grants - grantOfKey.size() + unsettled.size() + withoutDevice(ended);
        doubled.addAndGet(grantOfKey.size() - new HashSet<>(grantOfKey.values()).size());
        doubled.addAndGet(refusedClaims() - refused);
        release(ended);
        return new Outcome(lost, doubled.get(), leaked(), Math.max(0, seconds), active);
    }

    private int refusedClaims() {
        return lenders.stream().mapToInt(host -> host.regions().doubled()).sum();
    }

    private void ask(Rest caller, String key, Map<String, String> grantOfKey, AtomicInteger doubled)
            throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            try {
                Rest.Answer answer = create(caller, key);
                if (answer.status() == 202) {
                    String grant = answer.body().at("/operation/grantId").asString();
                    // Asked again, a key must name the same grant.
                    Rest.Answer again = create(caller, key);
                    if (again.status() == 202
                            && !again.body().at("/operation/grantId").asString().equals(grant)) {
                        doubled.incrementAndGet();
                    }
                    grantOfKey.put(key, grant);
                    return;
                }
            } catch (IOException e) {
                // The caller knows nothing: it asks again under its key.
            }
            Thread.sleep(100);
        }
    }

    private Rest.Answer create(Rest caller, String key) throws IOException {
        return caller.post(
                "/api/v1/grants",
                Map.of(
                        "spec",
                        Map.of(
                                "vmId",
                                borrower.vmId(0),
                                "sizeBytes",
                                SIZE,
                                "attachMode",
                                "SWAP",
                                "copies",
                                copies)),
                "Idempotency-Key",
                key);
    }

    /// Waits until each grant is active or failed; those that are not stay in `open`.
    private Map<String, JsonNode> settle(Set<String> open)
            throws IOException, InterruptedException {
        Map<String, JsonNode> ended = new HashMap<>();
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!open.isEmpty() && System.nanoTime() < deadline) {
            for (String id : List.copyOf(open)) {
                JsonNode grant = patiently("GET", "/api/v1/grants/" + id).body();
                if (ENDED.contains(grant.at("/status/state").asString())) {
                    ended.put(id, grant);
                    open.remove(id);
                }
            }
            Thread.sleep(50);
        }
        return ended;
    }

    private int withoutDevice(Map<String, JsonNode> ended) {
        Set<UUID> devices = new HashSet<>(borrower.attached());
        return (int)
                ended.entrySet().stream()
                        .filter(e -> !e.getValue().at("/status/state").asString().equals("FAILED"))
                        .filter(e -> !devices.contains(UUID.fromString(e.getKey())))
                        .count();
    }

    private void release(Map<String, JsonNode> ended) throws IOException, InterruptedException {
        for (String id : ended.keySet()) {
            patiently("DELETE", "/api/v1/grants/" + id);
        }
    }

    /// Regions that some lender or the ledger still holds, once there was time to fence them all.
    private int leaked() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        int held = held();
        while (held > 0 && System.nanoTime() < deadline) {
            Thread.sleep(200);
            held = held();
        }
        return held;
    }

    private int held() throws IOException, InterruptedException {
        long held = lenders.stream().mapToInt(host -> host.claimed().size()).sum();
        for (SimulatedHost lender : lenders) {
            held +=
                    patiently("GET", "/api/v1/hosts/" + lender.hostId())
                                    .body()
                                    .at("/status/lentBytes")
                                    .asLong()
                            / SIZE;
        }
        return Math.toIntExact(held + borrower.attached().size());
    }

    private Rest.Answer patiently(String method, String path)
            throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                Rest.Answer answer = admin.send(method, path, null, Duration.ofSeconds(10));
                if (answer.status() < 500 && answer.status() != 429) {
                    return answer;
                }
            } catch (IOException e) {
                if (attempt > 100) {
                    throw e;
                }
            }
            Thread.sleep(200);
        }
    }

    /// Lenders and a borrower that obey.
    static List<SimulatedHost> lenders(Rest admin, int count, int regions) throws IOException {
        List<SimulatedHost> hosts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SimulatedHost host =
                    SimulatedHost.enroll(admin.startingAt(i), "lender-" + i, regions, 0);
            host.start();
            hosts.add(host);
        }
        return hosts;
    }
}
