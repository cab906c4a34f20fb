package io.memfabric.client.ctl;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a tenant borrowed and lent.
@Command(name = "usage", description = "What a tenant borrowed and lent, hour by hour, and in all.")
final class UsageCommand extends CtlCommand {

    @Parameters(paramLabel = "NAME|ID", description = "the tenant")
    private String tenant = "";

    @Option(
            names = "--back",
            paramLabel = "TIME",
            converter = Durations.class,
            defaultValue = "24h",
            description = "for how long: 24h, 7d, at most 31d (24h)")
    private Duration back = Duration.ofDays(1);

    @Override
    public Integer call() {
        return session.print(
                out(),
                (rest, out) -> {
                    Instant from = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(back);
                    JsonNode answer =
                            rest.get(
                                    Resources.TENANTS.one(
                                                    Session.idOf(rest, Resources.TENANTS, tenant))
                                            + "/usage?from="
                                            + from);
                    if (session.output != Output.TABLE) {
                        session.one(out, List.of(), answer);
                        return;
                    }
                    List<JsonNode> hours = new ArrayList<>();
                    answer.path("hours").forEach(hours::add);
                    session.many(out, Resources.USAGE, hours);
                    out.println();
                    session.one(
                            out,
                            Resources.USAGE.subList(1, Resources.USAGE.size()),
                            new JsonMapper()
                                    .createObjectNode()
                                    .put("borrowedByteSeconds", sum(hours, "borrowedByteSeconds"))
                                    .put("lentByteSeconds", sum(hours, "lentByteSeconds")));
                });
    }

    private static BigInteger sum(List<JsonNode> hours, String field) {
        return hours.stream()
                .map(hour -> hour.path(field).bigIntegerValue())
                .reduce(BigInteger.ZERO, BigInteger::add);
    }
}
