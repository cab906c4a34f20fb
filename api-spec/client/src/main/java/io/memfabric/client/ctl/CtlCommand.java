package io.memfabric.client.ctl;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// A command that does something: it has the session's options and a place to print to.
@Command(
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        descriptionHeading = "%n")
abstract class CtlCommand implements Callable<Integer> {

    @Mixin final Session session = new Session();

    @Spec private @org.jspecify.annotations.Nullable CommandSpec spec;

    final PrintWriter out() {
        return spec().commandLine().getOut();
    }

    final CommandSpec spec() {
        return java.util.Objects.requireNonNull(spec, "picocli sets it");
    }
}
