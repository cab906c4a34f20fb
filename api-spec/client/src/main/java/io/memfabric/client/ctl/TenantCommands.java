package io.memfabric.client.ctl;

import io.memfabric.contract.vocabulary.LatencyClass;
import io.memfabric.contract.vocabulary.MemorySize;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What can be done to tenants.
final class TenantCommands {

    /// Whom idle memory of a tenant's VMs is lent to.
    enum LendTo {
        NOBODY,
        ITSELF,
        EVERYBODY
    }

    private TenantCommands() {}

    /// The properties of a tenant that can be said.
    abstract static class Says extends CtlCommand {

        @Option(
                names = "--max-memory",
                paramLabel = "SIZE",
                converter = Sizes.class,
                description = "what its grants may hold in all, every copy counted")
        private @Nullable MemorySize maxMemory;

        @Option(
                names = "--max-grants",
                paramLabel = "N",
                description = "how many grants it may have")
        private @Nullable Integer maxGrants;

        @Option(
                names = "--classes",
                paramLabel = "CLASS",
                split = ",",
                description = "latency classes that it may ask for: ${COMPLETION-CANDIDATES}")
        private @Nullable List<LatencyClass> classes;

        @Option(
                names = "--lend-to",
                paramLabel = "WHOM",
                description = "whom its idle memory is lent to: ${COMPLETION-CANDIDATES}")
        private @Nullable LendTo lendTo;

        @Option(names = "--no-quota", description = "no limit of memory and grants")
        private boolean noQuota;

        final Map<String, Object> said() {
            Map<String, Object> spec = new LinkedHashMap<>();
            if (noQuota) {
                spec.put("maxBytes", -1);
                spec.put("maxGrants", -1);
            }
            if (maxMemory != null) {
                spec.put("maxBytes", maxMemory.bytes());
            }
            if (maxGrants != null) {
                spec.put("maxGrants", maxGrants);
            }
            if (classes != null) {
                spec.put("latencyClasses", classes);
            }
            if (lendTo != null) {
                spec.put("lendTo", lendTo);
            }
            return spec;
        }
    }

    @Command(name = "create", description = "Make a tenant.")
    static final class Create extends Says {

        @Parameters(paramLabel = "NAME", description = "its name")
        private String name = "";

        @Override
        public Integer call() {
            Map<String, Object> spec = said();
            spec.put("name", name);
            return act(
                    (rest, out) ->
                            session.one(
                                    out,
                                    Resources.TENANTS.columns(),
                                    rest.post(Resources.TENANTS.path(), Map.of("spec", spec))));
        }
    }

    @Command(name = "set", description = "Change a tenant's quota or whom it lends to.")
    static final class Set extends Says {

        @Parameters(paramLabel = "NAME|ID", description = "the tenant")
        private String tenant = "";

        @Override
        public Integer call() {
            Map<String, Object> spec = said();
            return change(Resources.TENANTS, tenant, Resources.TENANTS.columns(), spec);
        }
    }

    @Command(name = "assign", description = "Give a VM without grants to a tenant.")
    static final class Assign extends CtlCommand {

        @Parameters(index = "0", paramLabel = "VM", description = "the VM's name or id")
        private String vm = "";

        @Parameters(index = "1", paramLabel = "TENANT", description = "the tenant's name or id")
        private String tenant = "";

        @Override
        public Integer call() {
            return act(
                    (rest, out) ->
                            session.one(
                                    out,
                                    List.of(
                                            Column.text("VM", "/vmId"),
                                            Column.text("TENANT", "/tenantId")),
                                    rest.put(
                                            Resources.VMS.one(Session.idOf(rest, Resources.VMS, vm))
                                                    + "/tenant",
                                            Map.of(
                                                    "tenantId",
                                                    Session.idOf(
                                                            rest, Resources.TENANTS, tenant)))));
        }
    }
}
