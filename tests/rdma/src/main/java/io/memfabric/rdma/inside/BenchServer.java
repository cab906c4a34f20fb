package io.memfabric.rdma.inside;

import java.io.IOException;

/// The side that is read: perftest's servers and a lender.
final class BenchServer {

    private BenchServer() {}

    static void run() throws IOException {
        Perftest.LATENCY.serve();
        Perftest.BANDWIDTH.serve();
        LenderProcess.run("rdma", 1);
    }
}
