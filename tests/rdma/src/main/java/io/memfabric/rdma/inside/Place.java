package io.memfabric.rdma.inside;

import java.net.InetSocketAddress;

/// Who is where: two lenders in the server's VM, each with a port for pages and one for orders.
final class Place {

    static final String SERVER = "10.77.0.1";

    private Place() {}

    static InetSocketAddress data(int lender) {
        return new InetSocketAddress(SERVER, 7000 + lender);
    }

    static InetSocketAddress orders(int lender) {
        return new InetSocketAddress(SERVER, 7100 + lender);
    }
}
