package io.memfabric.client.ctl;

import io.memfabric.client.RestConnection;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// Lists the things of one kind.
@Command(name = "list", description = "List them all, page after page.")
final class ListCommand extends CtlCommand {

    private static final int PAGE = 200;

    private final Resource resource;

    @Option(
            names = "--where",
            paramLabel = "FIELD=VALUE",
            description = "only those with this value; may be given several times")
    private Map<String, String> where = new LinkedHashMap<>();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "9223372036854775807",
            description = "at most this many")
    private long limit = Long.MAX_VALUE;

    ListCommand(Resource resource) {
        this.resource = resource;
    }

    @Override
    public Integer call() {
        for (String field : where.keySet()) {
            if (!resource.filters().contains(field)) {
                throw new ParameterException(
                        spec().commandLine(),
                        "--where knows no " + field + "; there are: " + resource.filters());
            }
        }
        Map<String, Object> query = new LinkedHashMap<>(where);
        query.put("pageSize", PAGE);
        return session.print(
                out(),
                (rest, out) ->
                        session.many(
                                out,
                                resource.columns(),
                                rest.list(resource.path() + RestConnection.query(query))
                                        .limit(limit)
                                        .toList()));
    }
}
