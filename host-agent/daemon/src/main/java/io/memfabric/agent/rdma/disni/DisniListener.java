package io.memfabric.agent.rdma.disni;

import com.ibm.disni.verbs.impl.NatCmaIdPrivate;
import io.memfabric.agent.rdma.QueuePair;
import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.agent.rdma.RdmaListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A listening id and the requests that wait at it.
final class DisniListener implements RdmaListener {

    private static final int BACKLOG = 128;

    private final DisniVerbs verbs;
    private final NatCmaIdPrivate id;
    private final BlockingQueue<Conversation> waiting = new ArrayBlockingQueue<>(BACKLOG);
    private final AtomicBoolean closed = new AtomicBoolean();
    private @Nullable InetSocketAddress address;

    DisniListener(DisniVerbs verbs, NatCmaIdPrivate id) {
        this.verbs = verbs;
        this.id = id;
    }

    void bind(InetSocketAddress wanted) throws IOException {
        id.bindAddr(wanted);
        id.listen(BACKLOG);
        // Bound to one address, so to one device: who connects is on that one.
        var _ = id.getVerbs();
        InetSocketAddress bound = (InetSocketAddress) id.getSource();
        address = new InetSocketAddress(wanted.getAddress(), bound.getPort());
    }

    /// Keeps a request until somebody takes it; false where too many wait or nobody will.
    boolean offer(Conversation request) {
        if (closed.get() || !waiting.offer(request)) {
            return false;
        }
        // Whoever closed it meanwhile may have looked before it was there.
        return !closed.get() || !waiting.remove(request);
    }

    @Override
    public InetSocketAddress address() {
        InetSocketAddress bound = address;
        if (bound == null) {
            throw new IllegalStateException("not bound");
        }
        return bound;
    }

    @Override
    public Optional<Request> next(Duration longest) throws InterruptedException {
        Conversation request = waiting.poll(longest.toNanos(), TimeUnit.NANOSECONDS);
        return request == null ? Optional.empty() : Optional.of(new Waiting(request));
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            verbs.forget(this, id);
            for (Conversation left = waiting.poll(); left != null; left = waiting.poll()) {
                verbs.forget(left);
            }
        }
    }

    private final class Waiting implements Request {

        private final Conversation conversation;

        Waiting(Conversation conversation) {
            this.conversation = conversation;
        }

        @Override
        public QueuePair accept(int slots, Duration deadline) throws RdmaException {
            return verbs.accept(conversation, slots, deadline);
        }

        @Override
        public void refuse() {
            verbs.forget(conversation);
        }

        @Override
        public String peer() {
            try {
                return conversation.id.getDestination() instanceof InetSocketAddress known
                        ? known.getAddress().getHostAddress()
                        : "an unknown address";
            } catch (IOException | RuntimeException e) {
                return "an unknown address";
            }
        }
    }
}
