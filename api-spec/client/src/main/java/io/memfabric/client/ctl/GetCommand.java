package io.memfabric.client.ctl;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Shows one thing.
@Command(name = "get", description = "Show one of them.")
final class GetCommand extends CtlCommand {

    private final Resource resource;

    @Parameters(paramLabel = "NAME|ID", description = "its name or its id")
    private String which = "";

    GetCommand(Resource resource) {
        this.resource = resource;
    }

    @Override
    public Integer call() {
        return session.print(
                out(),
                (rest, out) ->
                        session.one(
                                out,
                                resource.columns(),
                                rest.get(resource.one(Session.idOf(rest, resource, which)))));
    }
}
