package io.memfabric.rdma.inside;

import java.net.InetSocketAddress;

/// Who is where: two lenders in the server's VM, each with a port for pages and one for orders. On a
/// host with a device of its own, properties say otherwise.
final class Place {

    static final String SERVER = System.getProperty("memfabric.rdma.server", "10.77.0.1");

    /// The borrower's address.
    static final String HERE = System.getProperty("memfabric.rdma.here", "10.77.0.2");

    /// The device on this side, and which of its GIDs is that of the address.
    static final String DEVICE = System.getProperty("memfabric.rdma.device", "rxe0");

    static final String GID = System.getProperty("memfabric.rdma.gid", "1");

    private Place() {}

    static InetSocketAddress data(int lender) {
        return new InetSocketAddress(SERVER, 7000 + lender);
    }

    static InetSocketAddress orders(int lender) {
        return new InetSocketAddress(SERVER, 7100 + lender);
    }
}
