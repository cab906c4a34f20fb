package io.memfabric.client.ctl;

import io.memfabric.contract.vocabulary.MemorySize;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// What can be done to the policy that holds for everybody: a change is a new version.
final class PolicyCommands {

    private static final String CURRENT = Resources.POLICIES.one("current");

    private PolicyCommands() {}

    @Command(name = "get", description = "Show a version, or the one that holds.")
    static final class Get extends CtlCommand {

        @Parameters(
                paramLabel = "VERSION",
                arity = "0..1",
                defaultValue = "current",
                description = "its number (the one that holds)")
        private String version = "current";

        @Override
        public Integer call() {
            return session.print(
                    out(),
                    (rest, out) ->
                            session.one(
                                    out,
                                    Resources.POLICIES.columns(),
                                    rest.get(Resources.POLICIES.one(version))));
        }
    }

    @Command(name = "set", description = "Put a new version in force; what is not said stays.")
    static final class Set extends CtlCommand {

        @Option(
                names = "--lend-across-tenants",
                arity = "1",
                paramLabel = "true|false",
                description = "whether one tenant's memory may be lent to another at all")
        private @Nullable Boolean lendAcrossTenants;

        @Option(
                names = "--requests-per-second",
                paramLabel = "N",
                description = "how many a tenant may send")
        private @Nullable Integer requestsPerSecond;

        @Option(
                names = "--new-tenant-memory",
                paramLabel = "SIZE",
                converter = Sizes.class,
                description = "the quota of a tenant that is made without one")
        private @Nullable MemorySize newTenantMemory;

        @Option(
                names = "--new-tenant-grants",
                paramLabel = "N",
                description = "the same, of grants")
        private @Nullable Integer newTenantGrants;

        @Option(
                names = "--note",
                defaultValue = "",
                description = "why, for those who read it later")
        private String note = "";

        @Override
        public Integer call() {
            Map<String, Object> said = new LinkedHashMap<>();
            put(said, "lendAcrossTenants", lendAcrossTenants);
            put(said, "tenantRequestsPerSecond", requestsPerSecond);
            put(
                    said,
                    "newTenantMaxBytes",
                    newTenantMemory == null ? null : newTenantMemory.bytes());
            put(said, "newTenantMaxGrants", newTenantGrants);
            if (said.isEmpty()) {
                throw new ParameterException(spec().commandLine(), "say what to change");
            }
            return act(
                    (rest, out) -> {
                        Map<String, Object> document = new LinkedHashMap<>();
                        for (Map.Entry<String, JsonNode> field :
                                rest.get(CURRENT).path("document").properties()) {
                            document.put(field.getKey(), field.getValue());
                        }
                        document.putAll(said);
                        session.one(
                                out,
                                Resources.POLICIES.columns(),
                                rest.postOver(
                                        CURRENT,
                                        Resources.POLICIES.path(),
                                        Map.of("document", document, "note", note)));
                    });
        }

        private static void put(Map<String, Object> said, String name, @Nullable Object value) {
            if (value != null) {
                said.put(name, value);
            }
        }
    }

    @Command(name = "rollback", description = "Put an older version in force again, as a new one.")
    static final class Rollback extends CtlCommand {

        @Parameters(paramLabel = "VERSION", description = "the version to go back to")
        private long version;

        @Override
        public Integer call() {
            return act(
                    (rest, out) ->
                            session.one(
                                    out,
                                    Resources.POLICIES.columns(),
                                    rest.postOver(
                                            CURRENT,
                                            Resources.POLICIES.path() + ":rollback",
                                            Map.of("toVersion", version))));
        }
    }
}
