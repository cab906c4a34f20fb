package io.memfabric.client.ctl;

import io.memfabric.client.Operation;
import io.memfabric.client.RestConnection;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.LatencyClass;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// What can be done to grants.
final class GrantCommands {

    private static final List<Column> OPERATION =
            List.of(
                    Column.text("OPERATION", "/id"),
                    Column.text("KIND", "/kind"),
                    Column.text("DONE", "/done"),
                    Column.text("GRANT", "/grantId"));

    private GrantCommands() {}

    /// A command that begins an operation and waits for it.
    abstract static class Begins extends CtlCommand {

        @Option(names = "--no-wait", description = "answer when it has begun, not when it is done")
        private boolean noWait;

        @Option(
                names = "--timeout",
                paramLabel = "SECONDS",
                defaultValue = "300",
                description = "how long to wait (300)")
        private long timeout = 300;

        @Option(
                names = "--dry-run",
                description = "tell what would come of it, as YAML or JSON, and change nothing")
        private boolean dryRun;

        /// Sends the request whose answer has the operation.
        ///
        /// @param query the end of its path
        abstract JsonNode begin(RestConnection rest, String query);

        @Override
        public final Integer call() {
            return act(this::carryOut);
        }

        private void carryOut(RestConnection rest, PrintWriter out) {
            if (dryRun) {
                Output output = session.output == Output.TABLE ? Output.YAML : session.output;
                output.one(out, List.of(), begin(rest, "?validateOnly=true"));
                return;
            }
            Operation operation = new Operation(rest, begin(rest, ""));
            if (noWait) {
                session.one(out, OPERATION, operation.state());
                return;
            }
            operation.await(Duration.ofSeconds(timeout));
            session.one(
                    out,
                    Resources.GRANTS.columns(),
                    rest.get(Resources.GRANTS.one(operation.grantId().toString())));
        }
    }

    @Command(name = "create", description = "Give memory of other hosts to a VM.")
    static final class Create extends Begins {

        @Parameters(index = "0", paramLabel = "VM", description = "the VM's name or id")
        private String vm = "";

        @Parameters(
                index = "1",
                paramLabel = "SIZE",
                converter = Sizes.class,
                description = "how much, such as 10GiB")
        private MemorySize size = MemorySize.ZERO;

        @Option(
                names = "--mode",
                defaultValue = "SWAP",
                description = "SWAP: the guest swaps on it; DEVICE: a raw disk (SWAP)")
        private AttachMode mode = AttachMode.SWAP;

        @Option(
                names = "--class",
                defaultValue = "ANY",
                description = "how fast it has to be: ${COMPLETION-CANDIDATES} (ANY)")
        private LatencyClass latency = LatencyClass.ANY;

        @Option(
                names = "--copies",
                defaultValue = "1",
                description = "copies of every page, each on another host (1)")
        private int copies = 1;

        @Option(
                names = "--until",
                paramLabel = "TIME",
                description = "until when it is wanted, such as 2030-01-02T03:04:05Z")
        private @Nullable Instant until;

        @Override
        JsonNode begin(RestConnection rest, String query) {
            Map<String, Object> spec = new LinkedHashMap<>();
            spec.put("vmId", Session.idOf(rest, Resources.VMS, vm));
            spec.put("sizeBytes", size.bytes());
            spec.put("attachMode", mode);
            spec.put("latencyClass", latency);
            spec.put("copies", copies);
            if (until != null) {
                spec.put("expiresAt", until);
            }
            return rest.post(Resources.GRANTS.path() + query, Map.of("spec", spec));
        }
    }

    @Command(
            name = "resize",
            description = "Give a grant another size. It grows and shrinks by whole devices.")
    static final class Resize extends Begins {

        @Parameters(index = "0", paramLabel = "ID", description = "the grant")
        private String id = "";

        @Parameters(
                index = "1",
                paramLabel = "SIZE",
                converter = Sizes.class,
                description = "what it is to have, such as 12GiB")
        private MemorySize size = MemorySize.ZERO;

        @Override
        JsonNode begin(RestConnection rest, String query) {
            return rest.patch(
                    Resources.GRANTS.one(Session.idOf(rest, Resources.GRANTS, id)) + query,
                    Map.of("spec", Map.of("sizeBytes", size.bytes())));
        }
    }

    @Command(
            name = "release",
            description = "Give a grant's memory back. The guest stops using it first.")
    static final class Release extends Begins {

        @Parameters(paramLabel = "ID", description = "the grant")
        private String id = "";

        @Override
        JsonNode begin(RestConnection rest, String query) {
            return rest.delete(
                    Resources.GRANTS.one(Session.idOf(rest, Resources.GRANTS, id)) + query);
        }
    }

    @Command(name = "renew", description = "Say until when a grant is wanted.")
    static final class Renew extends CtlCommand {

        @Parameters(paramLabel = "ID", description = "the grant")
        private String id = "";

        @Option(
                names = "--until",
                paramLabel = "TIME",
                description = "such as 2030-01-02T03:04:05Z; until it is released without it")
        private @Nullable Instant until;

        @Override
        public Integer call() {
            Map<String, Object> spec = until == null ? Map.of() : Map.of("expiresAt", until);
            return ask(
                    Resources.GRANTS,
                    id,
                    ":renew",
                    Map.of("spec", spec),
                    Resources.GRANTS.columns());
        }
    }

    @Command(
            name = "return",
            description = "End the quarantine of a grant, once nothing stands against it any more.")
    static final class Return extends CtlCommand {

        @Parameters(paramLabel = "ID", description = "the grant")
        private String id = "";

        @Override
        public Integer call() {
            return ask(
                    Resources.GRANTS, id, ":returnToService", Map.of(), Resources.GRANTS.columns());
        }
    }
}
