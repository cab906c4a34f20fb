package io.memfabric.broker;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.testbed.AuthorizationMatrix;
import io.memfabric.broker.testbed.BenchFigures;
import io.memfabric.broker.testbed.ContractWalk;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.SseWatchers;
import io.memfabric.broker.testbed.TestBroker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The figures of the API; `./memfabric bench api`. It judges nothing: what is missed is in the table.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ApiBench {

    private static final BenchFigures FIGURES = new BenchFigures();
    private static final int GRANTS = 100_000;
    private static final int PAGE = 200;
    private static final int PAGES = 100;
    private static final int ROUNDS = 200;
    private static final int WATCHERS = 1000;
    private static final int MARKS = 10;

    private final TestBroker broker = TestBroker.shared();

    @Test
    @Order(1)
    void walksTheMatrixAndTheContract() throws IOException {
        AuthorizationMatrix.Result matrix = AuthorizationMatrix.walk();
        matrix.failures().forEach(System.out::println);
        FIGURES.add("matrix_cells", matrix.cells(), "cells", null, 1);
        FIGURES.add("matrix_failures", matrix.failures().size(), "cells", 0.0, matrix.cells());
        ContractWalk.Result contract = ContractWalk.walk();
        contract.failures().forEach(System.out::println);
        FIGURES.add("operations", contract.operations(), "operations", null, 1);
        FIGURES.add("answers_checked", contract.answered().size(), "answers", null, 1);
        FIGURES.add("answers_unreached", contract.unreached().size(), "answers", null, 1);
        FIGURES.add(
                "contract_failures",
                contract.failures().size(),
                "answers",
                0.0,
                contract.answered().size());
    }

    @Test
    @Order(2)
    void tellsAThousandWatchers() throws Exception {
        Ledger ledger = broker.bean(Ledger.class);
        Events events = broker.bean(Events.class);
        String token = Files.readString(broker.dataDir().resolve("admin-token")).strip();
        double before = heap();
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                SseWatchers.class.getName(),
                                broker.address().toString(),
                                token,
                                Integer.toString(WATCHERS),
                                Integer.toString(MARKS),
                                Long.toString(events.last()))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        List<Double> delays = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            if (!"ready".equals(lines.readLine())) {
                throw new IOException("the watchers do not watch");
            }
            for (int i = 0; i < MARKS; i++) {
                ledger.run(
                        () ->
                                events.add(
                                        NewEvent.of(
                                                "bench_mark", Long.toString(System.nanoTime()))));
                Thread.sleep(1000);
                if (i == MARKS / 2) {
                    double growth = heap() - before;
                    FIGURES.add("sse_heap_growth_bytes", growth, "bytes", (double) (64L << 20), 1);
                }
            }
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                delays.add(Long.parseLong(line) / 1e6);
            }
        }
        process.waitFor();
        FIGURES.percentile("sse_p99_ms", delays, 0.99, "ms", 500);
        FIGURES.add("sse_events_received", delays.size(), "events", null, 1);
    }

    @Test
    @Order(3)
    void servesOthersWhileOneTenantMeansHarm() throws Exception {
        HarmFigures.measure(broker, FIGURES);
    }

    @Test
    @Order(4)
    void listsAHundredThousandGrants() throws IOException {
        fill();
        Http admin = broker.admin();
        String first = "/api/v1/grants?pageSize=" + PAGE;
        String hundredth = first;
        for (int i = 1; i < PAGES; i++) {
            hundredth =
                    first
                            + "&pageToken="
                            + admin.get(hundredth).body().at("/nextPageToken").asString();
        }
        List<Double> firsts = new ArrayList<>();
        List<Double> hundredths = new ArrayList<>();
        for (int i = 0; i < ROUNDS + 20; i++) {
            double one = millis(admin, first);
            double other = millis(admin, hundredth);
            if (i >= 20) {
                firsts.add(one);
                hundredths.add(other);
            }
        }
        double ratio = BenchFigures.median(hundredths) / BenchFigures.median(firsts);
        FIGURES.add("list_page_100_ratio", ratio, "of the first page", 1.2, ROUNDS);
        List<Double> all = new ArrayList<>(firsts);
        all.addAll(hundredths);
        FIGURES.percentile("list_p99_ms", all, 0.99, "ms", 50);
        FIGURES.write();
    }

    private static double millis(Http caller, String path) {
        long start = System.nanoTime();
        Http.Answer answer = caller.get(path);
        double millis = (System.nanoTime() - start) / 1e6;
        if (answer.body().get("items").size() != PAGE) {
            throw new IllegalStateException(answer.toString());
        }
        return millis;
    }

    /// Grants at their end, written past the guards that ask for their extents.
    private void fill() {
        JdbcClient jdbc = broker.bean(JdbcClient.class);
        UUID host = jdbc.sql("select id from hosts limit 1").query(UUID.class).single();
        String columns =
                jdbc.sql(
                                "select string_agg(quote_ident(column_name), ', ') from"
                                        + " information_schema.columns where table_name = 'grants'"
                                        + " and table_schema = current_schema()"
                                        + " and column_name not in ('id', 'vm_id', 'serial',"
                                        + " 'state', 'device', 'borrower_id')")
                        .query(String.class)
                        .single();
        broker.bean(Ledger.class)
                .run(
                        () -> {
                            jdbc.sql("set local session_replication_role = replica").update();
                            jdbc.sql(
                                            "insert into grants (id, vm_id, serial, state, device,"
                                                    + " borrower_id, "
                                                    + columns
                                                    + ") select gen_random_uuid(),"
                                                    + " gen_random_uuid(), 'bench' || n,"
                                                    + " 'RELEASED', 'ABSENT', ?, "
                                                    + columns
                                                    + " from (select * from grants limit 1) g,"
                                                    + " generate_series(1, ?) n")
                                    .params(host, GRANTS)
                                    .update();
                        });
        jdbc.sql("analyze grants").update();
    }

    private static double heap() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(50);
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
