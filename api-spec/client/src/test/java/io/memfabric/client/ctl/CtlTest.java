package io.memfabric.client.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.client.ScriptedBroker;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class CtlTest {

    private static final String HOST = "00000000-0000-0000-0000-000000000001";
    private static final String HOSTS =
            """
            {"items":[{"id":"%s","spec":{"mode":"HARVEST","lendLimitBytes":1073741824},
             "status":{"name":"a\\u001b[2Jb","reachable":true,"offeredBytes":1610612736,
             "lentBytes":0,"freeBytes":1}}],"nextPageToken":null}"""
                    .formatted(HOST);

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private ScriptedBroker broker = start();

    @TempDir Path folder = Path.of("");

    private static ScriptedBroker start() {
        try {
            return new ScriptedBroker();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @BeforeEach
    void script() throws IOException {
        Files.writeString(folder.resolve("token"), "secret\n");
        broker.answer("GET /api/v1/hosts?pageSize=200", 200, HOSTS);
        broker.answerAny("GET /api/v1/hosts?pageSize=200&name=a", HOSTS);
        broker.answerAny("GET /api/v1/hosts?pageSize=200&name=nobody", "{\"items\":[]}");
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private int run(String... words) {
        List<String> line = new ArrayList<>(List.of(words));
        line.addAll(List.of("--url", broker.address().toString()));
        line.addAll(List.of("--token-file", folder.resolve("token").toString()));
        CommandLine ctl = Ctl.commandLine();
        ctl.setOut(new PrintWriter(out, true));
        ctl.setErr(new PrintWriter(err, true));
        return ctl.execute(line.toArray(String[]::new));
    }

    @Test
    void showsATableInWhichNoNameMovesTheCursor() {
        assertThat(run("hosts", "list")).isZero();
        List<String> lines = out.toString().lines().toList();
        assertThat(lines.get(0)).startsWith("NAME");
        assertThat(lines.get(1))
                .startsWith("a\\u001b[2Jb")
                .contains("HARVEST", "1.5 GiB", "1 GiB", HOST)
                .doesNotContain("\u001b");
    }

    @Test
    void showsTheBrokersWordsAsJsonAndYaml() {
        assertThat(run("hosts", "list", "-o", "json")).isZero();
        assertThat(out.toString()).contains("\"lendLimitBytes\" : 1073741824");
        assertThat(run("hosts", "list", "-o", "yaml")).isZero();
        assertThat(out.toString()).contains("lendLimitBytes: 1073741824");
    }

    @Test
    void changesAHostThatIsCalledByItsName() {
        broker.answer("GET /api/v1/hosts/" + HOST, 200, "{}", Map.of("ETag", "\"3\""));
        broker.answer("PATCH /api/v1/hosts/" + HOST, 200, "{\"id\":\"" + HOST + "\"}");
        assertThat(run("hosts", "set", "a\u001b[2Jb", "--lend-limit", "2GiB", "--mode", "pause"))
                .isZero();
        assertThat(broker.seen().getLast().body())
                .isEqualTo("{\"spec\":{\"mode\":\"PAUSE\",\"lendLimitBytes\":2147483648}}");
        assertThat(broker.seen().getLast().ifMatch()).isEqualTo("\"3\"");
    }

    @Test
    void tellsHowFarADrainIsUntilItIsDone() {
        String operation = "00000000-0000-0000-0000-000000000009";
        String path = "GET /api/v1/operations/" + operation + "?wait=2";
        String state =
                """
                {"id":"%s","kind":"HOST_DRAIN","hostId":"%s","done":%s,"progress":{
                 "totalBytes":134217728,"bytesLeft":%d,"grantsLeft":%d%s}}""";
        broker.answer(
                "POST /api/v1/hosts/" + HOST + ":drain",
                202,
                "{\"operation\":"
                        + state.formatted(operation, HOST, false, 134217728, 2, "")
                        + "}");
        broker.answer(
                path,
                200,
                state.formatted(operation, HOST, false, 67108864, 1, ",\"blockedBy\":\"no room\""));
        broker.answer(path, 200, state.formatted(operation, HOST, true, 0, 0, ""));
        assertThat(run("hosts", "drain", HOST, "--wait")).isZero();
        assertThat(err.toString()).contains("LEFT 64 MiB, GRANTS LEFT 1, BLOCKED BY no room");
        assertThat(out.toString()).contains(operation, "true", "0 B");
        broker.answer(
                "POST /api/v1/hosts/" + HOST + ":drain",
                202,
                "{\"operation\":" + state.formatted(operation, HOST, false, 1, 1, "") + "}");
        assertThat(run("hosts", "drain", HOST)).isZero();
    }

    @Test
    void returnsAGrantToService() {
        String path = "POST /api/v1/grants/" + HOST + ":returnToService";
        broker.answer(path, 409, "{\"code\":\"grant_in_doubt\",\"detail\":\"page_lost\"}");
        broker.answer(path, 200, "{\"status\":{\"state\":\"ACTIVE\"}}");
        assertThat(run("grants", "return", HOST)).isEqualTo(ExitCode.REFUSED);
        assertThat(err.toString()).contains("grant_in_doubt");
        assertThat(run("grants", "return", HOST)).isZero();
        assertThat(out.toString()).contains("ACTIVE");
    }

    @Test
    void saysUntilWhenAGrantIsWanted() {
        broker.answer("POST /api/v1/grants/" + HOST + ":renew", 200, "{\"id\":\"" + HOST + "\"}");
        assertThat(run("grants", "renew", HOST, "--until", "2030-01-02T03:04:05Z")).isZero();
        assertThat(broker.seen().getLast().body())
                .contains("\"expiresAt\":\"2030-01-02T03:04:05Z\"");
        assertThat(run("grants", "renew", HOST)).isZero();
        assertThat(broker.seen().getLast().body()).isEqualTo("{\"spec\":{}}");
        assertThat(run("grants", "renew", HOST, "--until", "soon")).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void saysInItsExitCodeWhatWentWrong() {
        assertThat(run("hosts", "get", "nobody")).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(err.toString()).contains("not_found");
        assertThat(run("grants", "create", HOST, "10 apples")).isEqualTo(ExitCode.USAGE);
        assertThat(run("hosts", "list", "--where", "colour=red")).isEqualTo(ExitCode.USAGE);
        broker.answer("POST /api/v1/grants", 409, "{\"code\":\"vm_not_running\"}");
        assertThat(run("grants", "create", HOST, "1GiB")).isEqualTo(ExitCode.REFUSED);
        broker.answer("GET /api/v1/capacity?pageSize=200", 401, "{\"code\":\"unauthenticated\"}");
        assertThat(run("capacity")).isEqualTo(ExitCode.NOT_ALLOWED);
    }

    @Test
    void showsWhatThereWasOverTime() {
        broker.answerAny(
                "GET /api/v1/capacity/history?",
                """
                {"points":[{"at":"2026-01-02T03:04:00Z","heardHosts":3,"lentBytes":1073741824}]}""");
        assertThat(run("capacity", "--history", "24h", "--step", "5m", "--host", HOST)).isZero();
        assertThat(broker.lines().getLast()).endsWith("&step=300&hostId=" + HOST);
        List<String> lines = out.toString().lines().toList();
        assertThat(lines.get(0)).startsWith("AT").contains("HARVESTED", "AT RISK");
        assertThat(lines.get(1)).contains(" 3 ", "1 GiB");
        assertThat(run("capacity", "--history", "yesterday")).isEqualTo(ExitCode.USAGE);
        assertThat(run("capacity", "--step", "5m")).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void showsTheCapacityOfEveryHost() {
        String total = "{\"total\":{\"lentBytes\":3221225472},\"hosts\":";
        broker.answer(
                "GET /api/v1/capacity?pageSize=200",
                200,
                total + "{\"items\":[{\"name\":\"one\"}],\"nextPageToken\":\"t\"}}");
        broker.answer(
                "GET /api/v1/capacity?pageSize=200&pageToken=t",
                200,
                total + "{\"items\":[{\"name\":\"two\"}],\"nextPageToken\":null}}");
        assertThat(run("capacity")).isZero();
        assertThat(out.toString()).contains("one", "two", "3 GiB");
    }

    @Test
    void showsWhatATenantBorrowedAndLent() {
        String path = "/api/v1/tenants/" + HOST + "/usage?from=";
        broker.answerAny(
                "GET " + path,
                """
                {"hours":[
                 {"hour":"2026-01-02T03:00:00Z","borrowedByteSeconds":3865470566400,
                  "lentByteSeconds":0},
                 {"hour":"2026-01-02T04:00:00Z","borrowedByteSeconds":1932735283200,
                  "lentByteSeconds":79164837199872000000}]}""");
        assertThat(run("tenants", "usage", HOST, "--back", "2h")).isZero();
        List<String> lines = out.toString().lines().toList();
        assertThat(lines.get(0)).startsWith("HOUR").contains("BORROWED", "LENT");
        assertThat(lines.get(1)).endsWith("1.000 GiB·h  0.000 GiB·h");
        assertThat(lines.get(2)).endsWith("0.500 GiB·h  20480000.000 GiB·h");
        assertThat(lines.get(4)).isEqualTo("BORROWED  1.500 GiB·h");
    }

    @Test
    void changesOnlyWhatIsSaidOfThePolicyThatItSaw() {
        String current = "/api/v1/policies/current";
        String document =
                "{\"version\":4,\"document\":{\"lendAcrossTenants\":true,"
                        + "\"tenantRequestsPerSecond\":50,\"newTenantMaxBytes\":null}}";
        broker.answer("GET " + current, 200, document, Map.of("ETag", "\"4\""));
        broker.answer("POST /api/v1/policies", 201, document);
        assertThat(run("policies", "set", "--lend-across-tenants", "false")).isZero();
        assertThat(broker.seen().getLast().body())
                .contains("\"lendAcrossTenants\":false,\"tenantRequestsPerSecond\":50")
                .contains("\"newTenantMaxBytes\":null");
        assertThat(broker.seen().getLast().ifMatch()).isEqualTo("\"4\"");
        assertThat(run("policies", "set", "--note", "why")).isEqualTo(ExitCode.USAGE);
        broker.answer("POST /api/v1/policies:rollback", 201, document);
        assertThat(run("policies", "rollback", "2")).isZero();
        assertThat(broker.seen().getLast().body()).isEqualTo("{\"toVersion\":2}");
        assertThat(run("policies", "get")).isZero();
        assertThat(out.toString()).contains("VERSION", "4");
    }

    @Test
    void tellsWhatAGrantWouldMeanWithoutMakingIt() {
        String line = "POST /api/v1/grants?validateOnly=true";
        broker.answer(line, 200, "{\"placed\":true}");
        assertThat(run("grants", "create", HOST, "1GiB", "--dry-run")).isZero();
        assertThat(out.toString()).contains("placed: true");
        assertThat(broker.lines()).containsExactly(line);
    }

    @Test
    void showsTheSecretOfAWebhookOnce() {
        broker.answer(
                "POST /api/v1/webhooks", 201, "{\"id\":\"" + HOST + "\",\"secret\":\"whsec_x\"}");
        assertThat(run("webhooks", "create", "https://example.org/", "--types", "a,b")).isZero();
        assertThat(broker.seen().getLast().body()).contains("\"types\":[\"a\",\"b\"]");
        assertThat(out.toString()).contains("SECRET", "whsec_x");
    }

    @Test
    void neverRepeatsWhatChangesThings() {
        assertThat(run("grants", "create", HOST, "1GiB", "--watch", "1")).isEqualTo(ExitCode.USAGE);
        assertThat(run("hosts", "set", HOST, "--mode", "pause", "-w")).isEqualTo(ExitCode.USAGE);
        assertThat(run("hosts", "set", HOST)).isEqualTo(ExitCode.USAGE);
        assertThat(broker.lines()).isEmpty();
    }

    @Test
    void goesOnWithEventsAfterTheLastOneSeen() {
        broker.answer(
                "GET /api/v1/events",
                200,
                "id:4\nevent:x\ndata:{\"id\":4,\"type\":\"grant_active\",\"detail\":\"d\"}\n\n",
                Map.of("Content-Type", "text/event-stream"));
        assertThat(run("events", "follow", "--count", "2")).isZero();
        assertThat(out.toString().lines()).hasSize(2).allMatch(l -> l.contains("grant_active"));
    }

    @Test
    void printsAgainAndAgainUntilItIsStopped() throws InterruptedException {
        AtomicInteger code = new AtomicInteger(-1);
        Thread watching =
                Thread.ofPlatform().start(() -> code.set(run("hosts", "list", "--watch", "1")));
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (broker.seen().size() < 2 && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
        watching.interrupt();
        watching.join(30_000);
        assertThat(code.get()).isZero();
        assertThat(broker.seen().size()).isGreaterThanOrEqualTo(2);
        assertThat(out.toString()).contains("NAME").contains("\u001b[H");
    }

    @Test
    void completesItsOwnCommands() {
        CommandLine ctl = Ctl.commandLine();
        ctl.setOut(new PrintWriter(out, true));
        assertThat(ctl.execute("completion")).isZero();
        assertThat(out.toString()).contains("_complete_memfabric", "join-token");
    }
}
