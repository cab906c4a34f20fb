package io.memfabric.agent.rdma.disni;

import io.memfabric.agent.rdma.RdmaException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/// Gives failures of native calls, which are texts, a code and a line that says what to do.
final class Failures {

    private static final Path CONNECTION_MANAGER = Path.of("/dev/infiniband/rdma_cm");

    private Failures() {}

    static RdmaException ofDevice(IOException e) {
        String text = String.valueOf(e.getMessage());
        // Librdmacm calls a file that it may not open one that is not there.
        boolean closed =
                Files.exists(CONNECTION_MANAGER)
                        && !(Files.isReadable(CONNECTION_MANAGER)
                                && Files.isWritable(CONNECTION_MANAGER));
        if (closed || text.contains("Permission denied") || text.contains("not permitted")) {
            return new RdmaException(
                    RdmaException.NO_PERMISSION,
                    "the files in /dev/infiniband may not be opened by this user: " + text,
                    e);
        }
        return new RdmaException(
                RdmaException.NO_DEVICE,
                "this host has no RDMA device, or rdma_ucm is not loaded: " + text,
                e);
    }

    static RdmaException ofListening(InetSocketAddress address, IOException e) {
        if (e instanceof RdmaException known) {
            return known;
        }
        String text = String.valueOf(e.getMessage());
        boolean elsewhere = text.contains("No such device") || text.contains("assign requested");
        return new RdmaException(
                elsewhere ? RdmaException.NO_ROUTE : RdmaException.FAILED,
                elsewhere
                        ? address + " is no address of an RDMA device of this host: " + text
                        : "cannot take RDMA connections at " + address + ": " + text,
                e);
    }

    static RdmaException ofConnecting(String peer, IOException e) {
        if (e instanceof RdmaException known) {
            return known;
        }
        String text = String.valueOf(e.getMessage());
        boolean noRoute =
                text.contains("No such device")
                        || text.contains("unreachable")
                        || text.contains("Network is down");
        return new RdmaException(
                noRoute ? RdmaException.NO_ROUTE : RdmaException.FAILED,
                (noRoute ? "no RDMA device reaches " : "no RDMA connection with ")
                        + peer
                        + ": "
                        + text,
                e);
    }

    static RdmaException ofRegistering(long bytes, IOException e) {
        String text = String.valueOf(e.getMessage());
        return text.contains("Cannot allocate memory")
                ? new RdmaException(
                        RdmaException.MEMLOCK,
                        bytes
                                + " bytes cannot be registered: raise the memlock limit (LimitMEMLOCK,"
                                + " ulimit -l): "
                                + text,
                        e)
                : new RdmaException(
                        RdmaException.FAILED, bytes + " bytes cannot be registered: " + text, e);
    }

    static RdmaException ofEnded(IOException e) {
        return new RdmaException(
                RdmaException.ENDED, "the RDMA connection has ended: " + e.getMessage(), e);
    }
}
