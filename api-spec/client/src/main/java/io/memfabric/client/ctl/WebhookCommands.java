package io.memfabric.client.ctl;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What can be done to those who are told of events.
final class WebhookCommands {

    private WebhookCommands() {}

    @Command(
            name = "create",
            description = "Tell somebody of events from now on; the secret is shown only here.")
    static final class Create extends CtlCommand {

        @Parameters(paramLabel = "URL", description = "where events are posted to")
        private String url = "";

        @Option(
                names = "--types",
                paramLabel = "TYPE",
                split = ",",
                description = "types of events; all without it")
        private List<String> types = List.of();

        @Override
        public Integer call() {
            Map<String, Object> spec = new LinkedHashMap<>();
            spec.put("url", url);
            spec.put("types", types);
            List<Column> columns = new ArrayList<>(Resources.WEBHOOKS.columns());
            columns.add(Column.text("SECRET", "/secret"));
            return act(
                    (rest, out) ->
                            session.one(
                                    out,
                                    columns,
                                    rest.post(Resources.WEBHOOKS.path(), Map.of("spec", spec))));
        }
    }

    @Command(name = "stop", description = "Tell it nothing until it is resumed.")
    static final class Stop extends CtlCommand {

        @Parameters(paramLabel = "URL|ID", description = "the webhook")
        private String webhook = "";

        @Override
        public Integer call() {
            return change(
                    Resources.WEBHOOKS,
                    webhook,
                    Resources.WEBHOOKS.columns(),
                    Map.of("state", "STOPPED"));
        }
    }

    @Command(name = "resume", description = "Let it go on after the last event that arrived.")
    static final class Resume extends CtlCommand {

        @Parameters(paramLabel = "URL|ID", description = "the webhook")
        private String webhook = "";

        @Override
        public Integer call() {
            return change(
                    Resources.WEBHOOKS,
                    webhook,
                    Resources.WEBHOOKS.columns(),
                    Map.of("state", "ACTIVE"));
        }
    }

    @Command(name = "delete", description = "End it.")
    static final class Delete extends CtlCommand {

        @Parameters(paramLabel = "URL|ID", description = "the webhook")
        private String webhook = "";

        @Override
        public Integer call() {
            return act(
                    (rest, out) ->
                            rest.delete(
                                    Resources.WEBHOOKS.one(
                                            Session.idOf(rest, Resources.WEBHOOKS, webhook))));
        }
    }
}
