package io.memfabric.client.ctl;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// What concerns the fabric as a whole, and why things are as they are.
final class FabricCommands {

    private static final List<Column> FABRIC =
            List.of(Column.text("HARVESTING", "/spec/harvesting"));

    private FabricCommands() {}

    @Command(
            name = "stop-harvesting",
            description = "Take no more memory anywhere; relief goes on.")
    static final class Stop extends CtlCommand {

        @Override
        public Integer call() {
            return harvesting(this, "STOPPED");
        }
    }

    @Command(
            name = "allow-harvesting",
            description = "Let hosts in mode HARVEST take memory again.")
    static final class Allow extends CtlCommand {

        @Override
        public Integer call() {
            return harvesting(this, "ALLOWED");
        }
    }

    private static int harvesting(CtlCommand command, String value) {
        return command.act(
                (rest, out) ->
                        command.session.one(
                                out,
                                FABRIC,
                                rest.patch(
                                        "/api/v1/fabric",
                                        Map.of("spec", Map.of("harvesting", value)))));
    }

    @Command(
            name = "end",
            description =
                    "End one of them: its host takes the device away after the guest has swapped"
                            + " off.")
    static final class EndQuarantined extends CtlCommand {

        @Parameters(paramLabel = "GRANT", description = "its id")
        private String grant = "";

        @Option(names = "--vouched", description = "vouch that no VM has the device")
        private boolean vouched;

        @Override
        public Integer call() {
            return act(
                    (rest, out) ->
                            session.one(
                                    out,
                                    Resources.QUARANTINE.columns(),
                                    rest.delete(
                                            Resources.QUARANTINE.one(grant)
                                                    + (vouched ? "?vouched=true" : ""))));
        }
    }

    @Command(name = "vm", description = "Why a VM's balloon is as it is: what was decided lately.")
    static final class ExplainVm extends CtlCommand {

        @Parameters(paramLabel = "NAME|ID", description = "the VM")
        private String vm = "";

        @Override
        public Integer call() {
            return session.print(
                    out(),
                    (rest, out) -> {
                        String id = Session.idOf(rest, Resources.VMS, vm);
                        JsonNode answer = rest.get(Resources.VMS.one(id) + "/explain");
                        if (session.output != Output.TABLE) {
                            session.one(out, List.of(), answer);
                            return;
                        }
                        List<JsonNode> rows = new ArrayList<>();
                        answer.path("decisions").forEach(rows::add);
                        session.many(out, Resources.DECISIONS, rows);
                    });
        }
    }

    @Command(name = "grant", description = "Why a grant is where it is, as JSON or YAML.")
    static final class ExplainGrant extends CtlCommand {

        @Parameters(paramLabel = "ID", description = "the grant")
        private String grant = "";

        @Override
        public Integer call() {
            return session.print(
                    out(),
                    (rest, out) -> {
                        JsonNode answer = rest.get(Resources.GRANTS.one(grant) + "/explain");
                        Output output =
                                session.output == Output.TABLE ? Output.YAML : session.output;
                        output.one(out, List.of(), answer);
                    });
        }
    }
}
