package io.memfabric.client.ctl;

import io.memfabric.client.Operation;
import io.memfabric.client.RestConnection;
import io.memfabric.contract.vocabulary.HarvestMode;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// What can be done to hosts.
final class HostCommands {

    /// Whether a host gets and keeps what others borrow.
    enum Scheduling {
        OPEN,
        CORDONED,
        DRAINED
    }

    private HostCommands() {}

    @Command(
            name = "recall",
            description = "Ask for memory back that a host lends; the VMs that use it go on.")
    static final class Recall extends CtlCommand {

        @Parameters(index = "0", paramLabel = "NAME|ID", description = "the host")
        private String host = "";

        @Parameters(
                index = "1",
                paramLabel = "SIZE",
                converter = Sizes.class,
                description = "how much, in whole regions of 64 MiB")
        private MemorySize size = MemorySize.ZERO;

        @Option(
                names = "--deadline",
                paramLabel = "SECONDS",
                defaultValue = "60",
                description = "when it has to be there (60)")
        private int deadline = 60;

        @Override
        public Integer call() {
            Map<String, Object> spec = Map.of("bytes", size.bytes(), "deadlineSeconds", deadline);
            return ask(
                    Resources.HOSTS,
                    host,
                    "/recalls",
                    Map.of("spec", spec),
                    Resources.RECALLS.columns());
        }
    }

    @Command(
            name = "drain",
            description = "Empty a host: what it lends goes elsewhere, and the VMs go on.")
    static final class Drain extends CtlCommand {

        private static final List<Column> COLUMNS =
                List.of(
                        Column.text("OPERATION", "/id"),
                        Column.text("DONE", "/done"),
                        Column.bytes("LEFT", "/progress/bytesLeft"),
                        Column.text("GRANTS LEFT", "/progress/grantsLeft"),
                        Column.text("BLOCKED BY", "/progress/blockedBy"));

        @Parameters(paramLabel = "NAME|ID", description = "the host")
        private String host = "";

        @Option(
                names = "--wait",
                description = "answer when it is empty, and tell meanwhile what is left")
        private boolean wait;

        @Option(
                names = "--timeout",
                paramLabel = "SECONDS",
                defaultValue = "3600",
                description = "how long to wait (3600)")
        private long timeout = 3600;

        private String last = "";

        @Override
        public Integer call() {
            return act(this::drain);
        }

        private void drain(RestConnection rest, PrintWriter out) {
            String path = Resources.HOSTS.one(Session.idOf(rest, Resources.HOSTS, host));
            Operation operation = new Operation(rest, rest.post(path + ":drain", Map.of()));
            if (wait) {
                operation.await(Duration.ofSeconds(timeout), this::tell);
            }
            session.one(out, COLUMNS, operation.state());
        }

        /// Beside the answer, which others may read.
        private void tell(JsonNode operation) {
            String now =
                    COLUMNS.stream()
                            .skip(2)
                            .map(column -> column.title() + " " + column.of(operation))
                            .collect(Collectors.joining(", "));
            if (!now.equals(last)) {
                spec().commandLine().getErr().println(now);
                last = now;
            }
        }
    }

    @Command(name = "set", description = "Change a host's mode or what it may lend.")
    static final class Set extends CtlCommand {

        @Parameters(paramLabel = "NAME|ID", description = "the host")
        private String host = "";

        @Option(names = "--mode", paramLabel = "MODE", description = "${COMPLETION-CANDIDATES}")
        private @Nullable HarvestMode mode;

        @Option(
                names = "--lend-limit",
                paramLabel = "SIZE",
                converter = Sizes.class,
                description = "the most that it shall lend, such as 64GiB")
        private @Nullable MemorySize lendLimit;

        @Option(
                names = "--scheduling",
                paramLabel = "WHAT",
                description =
                        "CORDONED: nothing new; DRAINED: what it lends goes too: "
                                + "${COMPLETION-CANDIDATES}")
        private @Nullable Scheduling scheduling;

        @Override
        public Integer call() {
            Map<String, Object> spec = new LinkedHashMap<>();
            if (scheduling != null) {
                spec.put("scheduling", scheduling);
            }
            if (mode != null) {
                spec.put("mode", mode);
            }
            if (lendLimit != null) {
                spec.put("lendLimitBytes", lendLimit.bytes());
            }
            return change(Resources.HOSTS, host, Resources.HOSTS.columns(), spec);
        }
    }

    @Command(
            name = "declare-lost",
            description =
                    "Say that a silent host will not come back: grants get other copies elsewhere.")
    static final class DeclareLost extends CtlCommand {

        @Parameters(paramLabel = "NAME|ID", description = "the host")
        private String host = "";

        @Option(
                names = "--powered-off",
                description = "vouch that the machine is off: the grants of its VMs end")
        private boolean poweredOff;

        @Override
        public Integer call() {
            return ask(
                    Resources.HOSTS,
                    host,
                    ":declareLost",
                    Map.of("spec", Map.of("poweredOff", poweredOff)),
                    Resources.HOSTS.columns());
        }
    }

    @Command(
            name = "remove",
            description = "Take a drained or lost host out of the fabric, for good.")
    static final class Remove extends CtlCommand {

        @Parameters(paramLabel = "NAME|ID", description = "the host")
        private String host = "";

        @Override
        public Integer call() {
            return act(
                    (rest, out) ->
                            rest.delete(
                                    Resources.HOSTS.one(
                                            Session.idOf(rest, Resources.HOSTS, host))));
        }
    }

    @Command(
            name = "join-token",
            description = "Make a token with which one host can enroll, once, within 15 minutes.")
    static final class JoinToken extends CtlCommand {

        @Parameters(paramLabel = "NAME", description = "the name that the host will have")
        private String name = "";

        @Override
        public Integer call() {
            return act(
                    (rest, out) ->
                            session.one(
                                    out,
                                    List.of(
                                            Column.text("TOKEN", "/token"),
                                            Column.time("EXPIRES", "/expiresAt")),
                                    rest.post("/api/v1/join-tokens", Map.of("hostName", name))));
        }
    }
}
