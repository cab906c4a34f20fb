package io.memfabric.client.ctl;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What can be done to API tokens, and the trail of what was done.
final class TokenCommands {

    private TokenCommands() {}

    @Command(name = "create", description = "Make an API token; it is shown only here.")
    static final class Create extends CtlCommand {

        @Parameters(paramLabel = "NAME", description = "its name")
        private String name = "";

        @Option(
                names = "--role",
                required = true,
                paramLabel = "ROLE",
                split = ",",
                description = "tenant-viewer, tenant-operator, fabric-operator, auditor or admin")
        private List<String> roles = List.of();

        @Option(
                names = "--tenant",
                paramLabel = "TENANT",
                description = "whose it is; the caller's own without it")
        private @Nullable String tenant;

        @Option(
                names = "--expires",
                paramLabel = "TIME",
                description = "when it ends, such as 2027-01-01T00:00:00Z")
        private @Nullable String expires;

        @Override
        public Integer call() {
            return act(
                    (rest, out) -> {
                        Map<String, Object> spec = new LinkedHashMap<>();
                        spec.put("name", name);
                        spec.put("roles", roles);
                        if (tenant != null) {
                            spec.put("tenantId", Session.idOf(rest, Resources.TENANTS, tenant));
                        }
                        if (expires != null) {
                            spec.put("expiresAt", expires);
                        }
                        session.one(
                                out,
                                List.of(
                                        Column.text("ID", "/id"),
                                        Column.text("NAME", "/spec/name"),
                                        Column.text("TOKEN", "/token")),
                                rest.post(Resources.TOKENS.path(), Map.of("spec", spec)));
                    });
        }
    }

    @Command(name = "revoke", description = "End a token at once.")
    static final class Revoke extends CtlCommand {

        @Parameters(paramLabel = "NAME|ID", description = "the token")
        private String token = "";

        @Override
        public Integer call() {
            return act(
                    (rest, out) ->
                            rest.delete(
                                    Resources.TOKENS.one(
                                            Session.idOf(rest, Resources.TOKENS, token))));
        }
    }

    @Command(
            name = "verify",
            description = "Compute the audit trail's hashes anew; exit code 1 where one is wrong.")
    static final class Verify extends CtlCommand {

        @Override
        public Integer call() {
            boolean[] whole = {false};
            int code =
                    session.print(
                            out(),
                            (rest, out) -> {
                                var answer = rest.get(Resources.AUDIT.path() + ":verify");
                                whole[0] = answer.path("whole").asBoolean(false);
                                session.one(
                                        out,
                                        List.of(
                                                Column.text("WHOLE", "/whole"),
                                                Column.text("ENTRIES", "/entries"),
                                                Column.text("FIRST BROKEN", "/firstBroken"),
                                                Column.text("LAST HASH", "/lastHash")),
                                        answer);
                            });
            return whole[0] ? code : ExitCode.FAILED;
        }
    }
}
