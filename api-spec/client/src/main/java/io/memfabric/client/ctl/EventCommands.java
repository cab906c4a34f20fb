package io.memfabric.client.ctl;

import io.memfabric.client.FabricException;
import io.memfabric.client.RestConnection;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What happens, as it happens.
final class EventCommands {

    private EventCommands() {}

    @Command(
            name = "follow",
            description =
                    "Print events as they come, until Ctrl-C. Nothing is missed when the "
                            + "connection breaks: it goes on after the last one seen.")
    static final class Follow extends CtlCommand {

        /// Before a broken connection is made again.
        private static final Duration PAUSE = Duration.ofSeconds(1);

        private static final JsonMapper JSON = new JsonMapper();

        @Option(
                names = "--after",
                paramLabel = "NUMBER",
                defaultValue = "",
                description = "begin after this event (with the first one that is kept)")
        private String after = "";

        @Option(
                names = "--count",
                paramLabel = "N",
                defaultValue = "9223372036854775807",
                description = "end after this many events")
        private long count = Long.MAX_VALUE;

        @Override
        public Integer call() {
            PrintWriter out = out();
            boolean heard = false;
            try (RestConnection rest = session.connect()) {
                while (count > 0) {
                    try (Stream<String> lines = rest.follow("/api/v1/events", after)) {
                        heard = true;
                        read(lines.iterator(), out);
                    } catch (UncheckedIOException e) {
                        Thread.sleep(PAUSE);
                    } catch (FabricException e) {
                        if (!heard || !e.isRetryable()) {
                            throw e;
                        }
                        Thread.sleep(PAUSE);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return ExitCode.OK;
        }

        private void read(Iterator<String> lines, PrintWriter out) {
            while (count > 0 && lines.hasNext()) {
                String line = lines.next();
                if (line.startsWith("data:")) {
                    JsonNode event = JSON.readTree(line.substring("data:".length()));
                    after = event.path("id").asString();
                    print(event, out);
                    count--;
                }
            }
        }

        private void print(JsonNode event, PrintWriter out) {
            switch (session.output) {
                case TABLE ->
                        out.println(
                                Resources.EVENTS.columns().stream()
                                        .map(column -> column.of(event))
                                        .collect(Collectors.joining("  ")));
                case JSON -> out.println(JSON.writeValueAsString(event));
                case YAML -> Output.YAML.one(out, Resources.EVENTS.columns(), event);
            }
            out.flush();
        }
    }
}
