package io.memfabric.client.ctl;

import io.memfabric.contract.vocabulary.HarvestMode;
import io.memfabric.contract.vocabulary.MemorySize;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/// What can be done to hosts.
final class HostCommands {

    private HostCommands() {}

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

        @Override
        public Integer call() {
            Map<String, Object> spec = new LinkedHashMap<>();
            if (mode != null) {
                spec.put("mode", mode);
            }
            if (lendLimit != null) {
                spec.put("lendLimitBytes", lendLimit.bytes());
            }
            if (spec.isEmpty()) {
                throw new ParameterException(
                        spec().commandLine(), "say what to change: --mode or --lend-limit");
            }
            return session.print(
                    out(),
                    (rest, out) ->
                            session.one(
                                    out,
                                    Resources.HOSTS.columns(),
                                    rest.patch(
                                            Resources.HOSTS.one(
                                                    Session.idOf(rest, Resources.HOSTS, host)),
                                            Map.of("spec", spec))));
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
            return session.print(
                    out(),
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
