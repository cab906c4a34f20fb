package io.memfabric.client.ctl;

import io.memfabric.client.RestConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// How much memory there is, and how much there was.
@Command(
        name = "capacity",
        description = "How much memory there is, host by host, or how much there was.")
final class CapacityCommand extends CtlCommand {

    @Option(
            names = "--history",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "what there was for so long: 24h, 7d, 90m")
    private @Nullable Duration history;

    @Option(
            names = "--host",
            paramLabel = "NAME|ID",
            description = "with --history, of one host; without it of the whole fabric")
    private @Nullable String host;

    @Option(
            names = "--step",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "with --history, how much time a line stands for")
    private @Nullable Duration step;

    @Override
    public Integer call() {
        Duration back = history;
        if (back == null && (host != null || step != null)) {
            throw new ParameterException(spec().commandLine(), "--host and --step need --history");
        }
        return session.print(
                out(),
                (rest, out) -> {
                    JsonNode answer = back == null ? now(rest) : rest.get(before(back, idOf(rest)));
                    if (session.output != Output.TABLE) {
                        session.one(out, List.of(), answer);
                        return;
                    }
                    session.many(
                            out,
                            back == null ? Resources.CAPACITY : Resources.CAPACITY_HISTORY,
                            items(answer.at(back == null ? "/hosts/items" : "/points")));
                    if (back == null) {
                        out.println();
                        session.one(
                                out,
                                Resources.CAPACITY.subList(2, Resources.CAPACITY.size()),
                                answer.path("total"));
                    }
                });
    }

    /// The sums with every host, page after page.
    private static JsonNode now(RestConnection rest) {
        String path = "/api/v1/capacity?pageSize=200";
        JsonNode answer = rest.get(path);
        JsonNode hosts = answer.path("hosts");
        String next = hosts.path("nextPageToken").asString(null);
        while (next != null) {
            JsonNode page = rest.get(path + "&pageToken=" + next).path("hosts");
            ((ArrayNode) hosts.path("items")).addAll((ArrayNode) page.path("items"));
            next = page.path("nextPageToken").asString(null);
        }
        if (hosts instanceof ObjectNode all) {
            all.putNull("nextPageToken");
        }
        return answer;
    }

    private @Nullable String idOf(RestConnection rest) {
        return host == null ? null : Session.idOf(rest, Resources.HOSTS, host);
    }

    private String before(Duration back, @Nullable String hostId) {
        Instant from = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(back);
        return "/api/v1/capacity/history?from="
                + from
                + (step == null ? "" : "&step=" + step.toSeconds())
                + (hostId == null ? "" : "&hostId=" + hostId);
    }

    private static List<JsonNode> items(JsonNode array) {
        List<JsonNode> items = new ArrayList<>();
        array.forEach(items::add);
        return items;
    }
}
