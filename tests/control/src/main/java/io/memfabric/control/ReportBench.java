package io.memfabric.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// How many hosts with 100 VMs each one broker hears every second, on one processor that its
/// PostgreSQL has to share, with the heap of 480 MiB that it is started with. The hosts are in a
/// process on another processor; each names one VM in ten every second, and all of them every half
/// minute.
final class ReportBench {

    private static final List<Integer> STEPS = List.of(1000, 2000, 4000, 6000, 8000, 10_000);
    private static final int VMS = 100;
    private static final int WARM_SECONDS = 12;

    /// Before the first step, whose broker has just started: until what a report needs was compiled,
    /// beside reports, on the one processor.
    private static final int COLD_SECONDS = 60;

    private static final int MEASURED_SECONDS = 6;
    private static final double GOAL_HOSTS = 10_000;
    private static final double GOAL_MILLIS = 250;

    private ReportBench() {}

    private record Outcome(
            long due, long answered, long failed, double p50Millis, double p99Millis) {
        boolean held() {
            return failed == 0 && answered >= due * 99 / 100 && p99Millis < GOAL_MILLIS;
        }
    }

    static List<Figure> run(Path root) throws IOException, InterruptedException, SQLException {
        Path dataDir = BrokerUnderTest.newDataDir();
        int held = 0;
        double p99 = 0;
        double p50 = 0;
        double resident = 0;
        try (BrokerUnderTest broker =
                BrokerUnderTest.start(
                        root, dataDir, BrokerUnderTest.freePort(), List.of("taskset", "-c", "0"))) {
            broker.awaitReady();
            fill(dataDir);
            for (int hosts : STEPS) {
                Outcome outcome = load(broker, hosts, held == 0 ? COLD_SECONDS : WARM_SECONDS);
                System.out.printf(
                        "%6d hosts: %d reports due, %d answered, %d failed, p50 %.1f ms, p99 %.1f"
                                + " ms%n",
                        hosts,
                        outcome.due(),
                        outcome.answered(),
                        outcome.failed(),
                        outcome.p50Millis(),
                        outcome.p99Millis());
                if (!outcome.held() && held > 0) {
                    break;
                }
                // Of the last step that held; where none did, of the first.
                p99 = outcome.p99Millis();
                p50 = outcome.p50Millis();
                resident = broker.residentBytes();
                if (!outcome.held()) {
                    break;
                }
                held = hosts;
            }
            broker.stop();
        } finally {
            Postmaster.awaitEnd(dataDir);
            BrokerUnderTest.deleteTree(dataDir);
        }
        return List.of(
                Figure.atLeast("reports_hosts_held", "hosts", GOAL_HOSTS, List.of((double) held)),
                Figure.below("reports_p99_ms", "ms", GOAL_MILLIS, List.of(p99)),
                Figure.plain("reports_p50_ms", "ms", List.of(p50)),
                Figure.plain("reports_resident_bytes", "bytes", List.of(resident)));
    }

    /// Hosts, their tokens and their VMs, as they are after they have reported once.
    private static void fill(Path dataDir) throws IOException, SQLException {
        int last = STEPS.getLast() - 1;
        try (Connection database = GrantBench.EmbeddedDatabase.connect(dataDir);
                Statement statement = database.createStatement()) {
            // The triggers that look every VM's tenant up would take most of the time.
            statement.execute("set session_replication_role = replica");
            statement.execute(
                    """
                    insert into hosts (id, name, mode, lend_limit_bytes, scheduling, data_address,
                        agent_version, boot_id, created_at, revision)
                    select id, 'load-' || n, 'HARVEST', 0, 'OPEN', '192.0.2.1:7700', '0', id,
                        now(), 0
                    from (select n, %s as id from generate_series(0, %d) n) h
                    """
                            .formatted(ReportLoad.HOST_ID_OF_N, last));
            statement.execute(
                    """
                    insert into agent_tokens (host_id, token_hash, created_at)
                    select %s, sha256(convert_to(%s, 'UTF8')), now() from generate_series(0, %d) n
                    """
                            .formatted(ReportLoad.HOST_ID_OF_N, ReportLoad.TOKEN_OF_N, last));
            statement.execute(
                    """
                    insert into vms (id, host_id, name, state, max_bytes, guest_daemon, updated_at)
                    select %s, %s, 'vm-' || n || '-' || v, 'RUNNING', %d, true, now()
                    from generate_series(0, %d) n, generate_series(0, %d) v
                    """
                            .formatted(
                                    ReportLoad.VM_ID_OF_N_AND_V,
                                    ReportLoad.HOST_ID_OF_N,
                                    ReportLoad.VM_BYTES,
                                    last,
                                    VMS - 1));
            statement.execute("analyze");
        }
    }

    private static Outcome load(BrokerUnderTest broker, int hosts, int warmSeconds)
            throws IOException, InterruptedException {
        int last = Runtime.getRuntime().availableProcessors() - 1;
        List<String> words =
                new ArrayList<>(
                        List.of("setpriv", "--pdeathsig=KILL", "--", "taskset", "-c", "" + last));
        words.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx700m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ReportLoad.class.getName(),
                        broker.address().toString(),
                        Integer.toString(hosts),
                        Integer.toString(VMS),
                        Integer.toString(warmSeconds),
                        Integer.toString(MEASURED_SECONDS)));
        Process process =
                new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = out.readLine();
            process.waitFor();
            if (line == null) {
                throw new IOException("the hosts ended with " + process.exitValue());
            }
            String[] figures = line.split(" ", -1);
            return new Outcome(
                    Long.parseLong(figures[0]),
                    Long.parseLong(figures[1]),
                    Long.parseLong(figures[2]),
                    Long.parseLong(figures[3]) / 1e6,
                    Long.parseLong(figures[4]) / 1e6);
        }
    }
}
