package io.memfabric.agent.rdma.disni;

import com.ibm.disni.verbs.RdmaCmEvent.EventType;
import com.ibm.disni.verbs.impl.NatCmaIdPrivate;
import io.memfabric.agent.rdma.RdmaException;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One connection as the connection manager sees it: its id and what happened to it.
final class Conversation {

    /// More than a connection has in its life; one that goes on talking is not listened to.
    private static final int MOST_EVENTS = 16;

    final NatCmaIdPrivate id;
    private final BlockingQueue<EventType> events = new ArrayBlockingQueue<>(MOST_EVENTS);
    private volatile @Nullable Runnable whenEnded;
    private volatile boolean ended;

    Conversation(NatCmaIdPrivate id) {
        this.id = id;
    }

    /// Takes note of an event. In the thread of the events.
    void happened(EventType event) {
        var _ = events.offer(event);
        switch (event) {
            case RDMA_CM_EVENT_DISCONNECTED, RDMA_CM_EVENT_DEVICE_REMOVAL -> end();
            default -> {}
        }
    }

    private void end() {
        ended = true;
        Runnable told = whenEnded;
        if (told != null) {
            told.run();
        }
    }

    /// Tells of the end of the connection, also where it was before this.
    void whenEnded(Runnable told) {
        whenEnded = told;
        if (ended) {
            told.run();
        }
    }

    /// Waits for the step that was asked for.
    ///
    /// @param deadline by [System#nanoTime]
    void await(EventType wanted, long deadline, String peer) throws RdmaException {
        try {
            EventType event =
                    events.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (event == null) {
                throw new RdmaException(
                        RdmaException.TIMEOUT, peer + " did not answer in time over RDMA");
            }
            if (event != wanted) {
                throw refused(event, peer);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RdmaException(RdmaException.TIMEOUT, "interrupted", e);
        }
    }

    private static RdmaException refused(EventType event, String peer) {
        return switch (event) {
            case RDMA_CM_EVENT_ADDR_ERROR, RDMA_CM_EVENT_ROUTE_ERROR ->
                    new RdmaException(
                            RdmaException.NO_ROUTE,
                            "no way to "
                                    + peer
                                    + " over RDMA: no device reaches it, or its GID does not fit");
            case RDMA_CM_EVENT_REJECTED ->
                    new RdmaException(
                            RdmaException.REFUSED, peer + " does not take RDMA connections");
            case RDMA_CM_EVENT_UNREACHABLE ->
                    new RdmaException(RdmaException.TIMEOUT, peer + " is out of reach over RDMA");
            default ->
                    new RdmaException(
                            RdmaException.FAILED, peer + " could not be connected: " + event);
        };
    }

    /// Destroys the id; the queue pair is gone before.
    void close(EventChannel channel) throws IOException {
        channel.forget(id);
        int failed = id.destroyId();
        if (failed != 0) {
            throw new IOException("destroying a connection's id: error " + failed);
        }
    }
}
