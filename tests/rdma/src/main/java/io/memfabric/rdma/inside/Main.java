package io.memfabric.rdma.inside;

/// Starts one of the processes inside a VM.
public final class Main {

    private Main() {}

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "lender" -> LenderProcess.run(args[1], Integer.parseInt(args[2]));
            case "borrower" -> BorrowerChecks.run(args[1]);
            case "memlock" -> Memlock.run();
            case "no-permission" -> HostChecks.noPermission();
            case "library" -> HostChecks.library(args[1]);
            case "killed" -> KilledProcess.run();
            case "hold" -> KilledProcess.hold();
            case "reach" -> KilledProcess.reach();
            case "contract" -> Contract.run(args[1]);
            case "bench-serve" -> BenchServer.run();
            case "bench" ->
                    Bench.run(
                            Integer.parseInt(args[1]), Integer.parseInt(args[2]), args.length > 3);
            default -> throw new IllegalArgumentException("unknown process " + args[0]);
        }
        // Threads of the agent's parts would go on.
        Runtime.getRuntime().halt(0);
    }
}
