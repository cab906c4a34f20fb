package io.memfabric.control;

import io.memfabric.contract.vocabulary.FabricLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
            String answer = grants(broker, borrower, WARM_UP).getLast();
            List<Double> rest = new ArrayList<>();
            List<Double> pgbench = new ArrayList<>();
            try (Connection database = EmbeddedDatabase.connect(dataDir)) {
                Path script = GrantScript.write(database, dataDir, grantOf(answer), LENDERS);
                Pgbench.run(dataDir, script, CALLERS, GRANTS / CALLERS);
                for (int round = 0; round < ROUNDS; round++) {
                    long begin = System.nanoTime();
                    grants(broker, borrower, GRANTS);
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

    private static List<String> grants(BrokerUnderTest broker, SimulatedHost borrower, int count)
            throws Exception {
        AtomicInteger next = new AtomicInteger();
        List<String> made = Collections.synchronizedList(new ArrayList<>());
        List<String> refused = Collections.synchronizedList(new ArrayList<>());
        String token = broker.adminToken();
        String spec =
                """
                {"spec":{"vmId":"%s","sizeBytes":%d,"attachMode":"SWAP","copies":2}}"""
                        .formatted(borrower.vmId(0), FabricLimits.REGION.bytes());
        Callable<Void> caller =
                () -> {
                    try (KeptConnection connection = new KeptConnection(broker.address(), token)) {
                        while (next.getAndIncrement() < count) {
                            KeptConnection.Answer answer =
                                    connection.post(
                                            "/api/v1/grants", spec, UUID.randomUUID().toString());
                            (answer.status() == 202 ? made : refused).add(answer.body());
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

    private static UUID grantOf(String answer) {
        return UUID.fromString(Rest.JSON.readTree(answer).at("/operation/grantId").asString());
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
