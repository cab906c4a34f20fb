package io.memfabric.client.ctl;

import io.memfabric.client.FabricException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `memfabric ctl`: a fabric from the command line.
@Command(
        name = "ctl",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Works with the broker of a fabric.",
        exitCodeListHeading = "%nExit codes:%n")
public final class Ctl {

    private Ctl() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /// The whole command line.
    static CommandLine commandLine() {
        CommandLine ctl = new CommandLine(new Ctl());
        ctl.getCommandSpec().usageMessage().exitCodeList(exitCodes());
        CommandLine hosts = group(Resources.HOSTS, "Hypervisors with an agent.", true);
        hosts.addSubcommand(new HostCommands.Set())
                .addSubcommand(new HostCommands.Recall())
                .addSubcommand(new HostCommands.Drain())
                .addSubcommand(new HostCommands.DeclareLost())
                .addSubcommand(new HostCommands.Remove())
                .addSubcommand(new HostCommands.JoinToken());
        CommandLine grants = group(Resources.GRANTS, "Memory of some hosts given to a VM.", true);
        grants.addSubcommand(new GrantCommands.Create())
                .addSubcommand(new GrantCommands.Resize())
                .addSubcommand(new GrantCommands.Release())
                .addSubcommand(new GrantCommands.Renew())
                .addSubcommand(new GrantCommands.Return());
        CommandLine events = group(Resources.EVENTS, "What happened.", false);
        events.addSubcommand(new EventCommands.Follow());
        CommandLine vms = group(Resources.VMS, "The VMs of all hosts.", true);
        vms.addSubcommand(new VmCommands.Set()).addSubcommand(new TenantCommands.Assign());
        CommandLine tenants = group(Resources.TENANTS, "Whose VMs and grants they are.", true);
        tenants.addSubcommand(new TenantCommands.Create())
                .addSubcommand(new TenantCommands.Set())
                .addSubcommand(new UsageCommand());
        CommandLine policies = group(Resources.POLICIES, "What holds for everybody.", false);
        policies.addSubcommand(new PolicyCommands.Get())
                .addSubcommand(new PolicyCommands.Set())
                .addSubcommand(new PolicyCommands.Rollback());
        CommandLine webhooks = group(Resources.WEBHOOKS, "Who is told of events.", false);
        webhooks.addSubcommand(new WebhookCommands.Create())
                .addSubcommand(new WebhookCommands.Stop())
                .addSubcommand(new WebhookCommands.Resume())
                .addSubcommand(new WebhookCommands.Delete());
        CommandLine quarantine =
                group(Resources.QUARANTINE, "Grants that the ledger does not know.", false);
        quarantine.addSubcommand(new FabricCommands.EndQuarantined());
        CommandLine tokens = group(Resources.TOKENS, "Tokens of programs and people.", false);
        tokens.addSubcommand(new TokenCommands.Create()).addSubcommand(new TokenCommands.Revoke());
        CommandLine audit = group(Resources.AUDIT, "Who did what.", false);
        audit.addSubcommand(new TokenCommands.Verify());
        ctl.addSubcommand("hosts", hosts)
                .addSubcommand("vms", vms)
                .addSubcommand("grants", grants)
                .addSubcommand(
                        "regions", group(Resources.REGIONS, "Lenders' memory, in 64 MiB.", false))
                .addSubcommand(new CapacityCommand())
                .addSubcommand("events", events)
                .addSubcommand(
                        "recalls",
                        group(Resources.RECALLS, "Lent memory that is called back.", true))
                .addSubcommand("policies", policies)
                .addSubcommand("tenants", tenants)
                .addSubcommand("tokens", tokens)
                .addSubcommand("webhooks", webhooks)
                .addSubcommand("audit", audit)
                .addSubcommand("quarantine", quarantine)
                .addSubcommand(
                        "explain",
                        group("Why things are as they are.")
                                .addSubcommand(new FabricCommands.ExplainVm())
                                .addSubcommand(new FabricCommands.ExplainGrant()))
                .addSubcommand(
                        "fabric",
                        group("What holds for the whole fabric.")
                                .addSubcommand(new FabricCommands.Stop())
                                .addSubcommand(new FabricCommands.Allow()))
                .addSubcommand(new ProfileList())
                .addSubcommand(new Completion());
        ctl.setCaseInsensitiveEnumValuesAllowed(true);
        ctl.setExecutionExceptionHandler(Ctl::refused);
        return ctl;
    }

    private static CommandLine group(Resource resource, String description, boolean single) {
        CommandLine group = group(description).addSubcommand(new ListCommand(resource));
        return single ? group.addSubcommand(new GetCommand(resource)) : group;
    }

    private static java.util.Map<String, String> exitCodes() {
        java.util.Map<String, String> codes = new java.util.LinkedHashMap<>();
        for (String line : ExitCode.HELP) {
            codes.put(line.substring(0, 1), line.substring(2));
        }
        return codes;
    }

    private static int refused(
            Exception thrown, CommandLine command, CommandLine.ParseResult parsed)
            throws Exception {
        if (!(thrown instanceof FabricException refusal)) {
            throw thrown;
        }
        command.getErr()
                .println("memfabric: " + Column.plain(String.valueOf(refusal.getMessage())));
        return ExitCode.of(refusal);
    }

    /// A command that only has commands below it.
    @Command(mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND")
    private static final class Group {}

    private static CommandLine group(String description) {
        CommandLine group = new CommandLine(new Group());
        group.getCommandSpec().usageMessage().description(description);
        return group;
    }

    @Command(name = "profiles", description = "The brokers that are set up, and in which file.")
    static final class ProfileList implements Callable<Integer> {

        @Spec private @org.jspecify.annotations.Nullable CommandSpec spec;

        @Override
        public Integer call() {
            PrintWriter out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
            Profiles profiles = new Profiles(System.getenv());
            out.println(profiles.file());
            if (!profiles.names().iterator().hasNext()) {
                out.println("  none yet: write NAME.url and NAME.token-file into it, default=NAME");
            }
            for (String name : profiles.names()) {
                out.println((name.equals(profiles.standard()) ? "* " : "  ") + Column.plain(name));
            }
            return ExitCode.OK;
        }
    }

    @Command(
            name = "completion",
            description = "Print a script for bash and zsh: source <(memfabric ctl completion)")
    static final class Completion implements Callable<Integer> {

        @Spec private @org.jspecify.annotations.Nullable CommandSpec spec;

        @Override
        public Integer call() {
            CommandLine launcher = new CommandLine(CommandSpec.create().name("memfabric"));
            launcher.addSubcommand("ctl", commandLine());
            PrintWriter out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
            out.println(AutoComplete.bash("memfabric", launcher));
            return ExitCode.OK;
        }
    }
}
