package io.memfabric.benchmark;

import java.util.List;

/// Starts a benchmark by name; its own child processes come in here too.
public final class BenchMain {

    private BenchMain() {}

    public static void main(String[] args) throws Exception {
        List<String> rest = args.length == 0 ? List.of() : List.of(args).subList(1, args.length);
        switch (args.length == 0 ? "" : args[0]) {
            case "datapath" -> DatapathBench.run(Options.parse(rest));
            case "verb-call" -> VerbCallBench.run(rest);
            case "lender" -> LenderProcess.run(rest);
            case "borrower" -> BorrowerProcess.run(rest);
            default -> {
                System.err.println(Options.USAGE);
                System.exit(2);
            }
        }
    }
}
