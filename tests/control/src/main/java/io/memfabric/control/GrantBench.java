package io.memfabric.control;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/// Grants a second through REST, and what pgbench makes of the same statements on the same server, by
/// turns. A grant here is what its request does: claims, two legs, commands, operation, event.
final class GrantBench {

    private static final int LENDERS = 8;
    private static final int REGIONS_EACH = 4_000;
    private static final int CALLERS = 8;
    private static final int GRANTS = 1_000;

    /// A broker runs for months; its compiler is at work for the first thousands of grants.
    private static final int WARM_UP = 3_000;

    private static final int ROUNDS = 5;
    private static final double GOAL_RATIO = 0.5;

    private GrantBench() {}

    static List<Figure> run(Path root) throws Exception {
        Path dataDir = BrokerUnderTest.newDataDir();
        List<SimulatedHost> hosts = new ArrayList<>();
        try (BrokerUnderTest broker =
                BrokerUnderTest.start(root, dataDir, BrokerUnderTest.freePort(), List.of())) {
            broker.awaitReady();
            for (int i = 0; i < LENDERS; i++) {
                SimulatedHost host =
                        SimulatedHost.enroll(broker.admin(), "lender-" + i, REGIONS_EACH, 0);
                host.startReporting();
                hosts.add(host);
            }
            SimulatedHost borrower = SimulatedHost.enroll(broker.admin(), "borrower", 0, 1);
            borrower.startReporting();
            hosts.add(borrower);
            String grant = grants(broker.admin(), borrower, WARM_UP).getLast();
            List<Double> rest = new ArrayList<>();
            List<Double> pgbench = new ArrayList<>();
            try (Connection database = EmbeddedDatabase.connect(dataDir)) {
                Path script = GrantScript.write(database, dataDir, UUID.fromString(grant), LENDERS);
                Pgbench.run(dataDir, script, CALLERS, GRANTS / CALLERS);
                for (int round = 0; round < ROUNDS; round++) {
                    long begin = System.nanoTime();
                    grants(broker.admin(), borrower, GRANTS);
                    rest.add(GRANTS / ((System.nanoTime() - begin) / 1e9));
                    pgbench.add(Pgbench.run(dataDir, script, CALLERS, GRANTS / CALLERS));
                }
            }
            List<Double> ratios = new ArrayList<>();
            for (int i = 0; i < ROUNDS; i++) {
                ratios.add(rest.get(i) / pgbench.get(i));
            }
            broker.stop();
            return List.of(
                    Figure.plain("grants_per_s", "1/s", rest),
                    Figure.plain("pgbench_grants_per_s", "1/s", pgbench),
                    Figure.atLeast("grants_ratio_to_pgbench", "ratio", GOAL_RATIO, ratios));
        } finally {
            hosts.forEach(SimulatedHost::close);
            Postmaster.awaitEnd(dataDir);
            BrokerUnderTest.deleteTree(dataDir);
        }
    }

    private static List<String> grants(Rest admin, SimulatedHost borrower, int count)
            throws Exception {
        AtomicInteger next = new AtomicInteger();
        List<String> made = Collections.synchronizedList(new ArrayList<>());
        List<String> refused = Collections.synchronizedList(new ArrayList<>());
        Map<String, Object> spec =
                Map.of(
                        "spec",
                        Map.of(
                                "vmId",
                                borrower.vmId(0),
                                "sizeBytes",
                                64L << 20,
                                "attachMode",
                                "SWAP",
                                "copies",
                                2));
        Callable<Void> caller =
                () -> {
                    while (next.getAndIncrement() < count) {
                        Rest.Answer answer =
                                admin.post(
                                        "/api/v1/grants",
                                        spec,
                                        "Idempotency-Key",
                                        UUID.randomUUID().toString());
                        if (answer.status() == 202) {
                            made.add(answer.body().at("/operation/grantId").asString());
                        } else {
                            refused.add(answer.toString());
                        }
                    }
                    return null;
                };
        try (ExecutorService threads = Executors.newFixedThreadPool(CALLERS)) {
            for (Future<Void> done : threads.invokeAll(Collections.nCopies(CALLERS, caller))) {
                done.get();
            }
        }
        if (!refused.isEmpty()) {
            throw new IOException(refused.size() + " were not granted: " + refused.getFirst());
        }
        return made;
    }

    /// The broker's own database, as its owner.
    static final class EmbeddedDatabase {

        private EmbeddedDatabase() {}

        static Connection connect(Path dataDir) throws IOException, SQLException {
            return DriverManager.getConnection(
                    "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(Pgbench.port(dataDir)),
                    Pgbench.OWNER,
                    Pgbench.password(dataDir));
        }
    }
}
