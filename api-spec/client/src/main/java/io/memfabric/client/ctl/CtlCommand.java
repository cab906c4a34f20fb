package io.memfabric.client.ctl;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// A command that does something: it has the session's options and a place to print to.
@Command(mixinStandardHelpOptions = true, sortOptions = false, descriptionHeading = "%n")
abstract class CtlCommand implements Callable<Integer> {

    @Mixin final Session session = new Session();

    @Spec private @org.jspecify.annotations.Nullable CommandSpec spec;

    final PrintWriter out() {
        return spec().commandLine().getOut();
    }

    /// Does something and prints what came of it, once: what changes things is never repeated.
    final int act(Session.Printed what) {
        if (session.watch != null) {
            throw new ParameterException(
                    spec().commandLine(), "--watch is for commands that only read");
        }
        return session.print(out(), what);
    }

    /// Changes a resource, which is called by its name or id, and prints it as it is then.
    final int change(
            Resource resource, String which, List<Column> columns, Map<String, Object> spec) {
        if (spec.isEmpty()) {
            throw new ParameterException(spec().commandLine(), "say what to change");
        }
        return act(
                (rest, out) ->
                        session.one(
                                out,
                                columns,
                                rest.patch(
                                        resource.one(Session.idOf(rest, resource, which)),
                                        Map.of("spec", spec))));
    }

    /// Asks something of a resource, which is called by its name or id, and prints what it answers.
    ///
    /// @param verb the end of the resource's path, such as `:renew`
    final int ask(
            Resource resource,
            String which,
            String verb,
            Map<String, Object> body,
            List<Column> columns) {
        return act(
                (rest, out) ->
                        session.one(
                                out,
                                columns,
                                rest.post(
                                        resource.one(Session.idOf(rest, resource, which)) + verb,
                                        body)));
    }

    final CommandSpec spec() {
        return java.util.Objects.requireNonNull(spec, "picocli sets it");
    }
}
