package io.memfabric.rdma.inside;

/// Starts one of the processes inside a VM.
public final class Main {

    private Main() {}

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "lender" -> LenderProcess.run(args[1], Integer.parseInt(args[2]));
            case "borrower" -> BorrowerChecks.run(args[1]);
            case "memlock" -> Memlock.run();
            case "bench" -> Bench.run(args[1]);
            default -> throw new IllegalArgumentException("unknown process " + args[0]);
        }
        // Threads of the agent's parts would go on.
        Runtime.getRuntime().halt(0);
    }
}
