package io.memfabric.agent.rdma.disni;

import com.ibm.disni.verbs.RdmaCm;
import com.ibm.disni.verbs.RdmaCmEvent;
import com.ibm.disni.verbs.RdmaCmEvent.EventType;
import com.ibm.disni.verbs.RdmaConnParam;
import com.ibm.disni.verbs.impl.NatCmaIdPrivate;
import com.ibm.disni.verbs.impl.NatRdmaEventChannel;
import io.memfabric.agent.rdma.QueuePair;
import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.agent.rdma.RdmaListener;
import io.memfabric.agent.rdma.Verbs;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The verbs through DiSNI's verbs-level interface; its endpoint groups wait for ever on a refused
/// peer and put all connections into one protection domain.
public final class DisniVerbs implements Verbs {

    private static final System.Logger LOG = System.getLogger(DisniVerbs.class.getName());

    /// How long an event is waited for at a time. Asking for one also takes leave of the peers that
    /// could not be told while the link was down, see the native half.
    private static final int EVENT_MILLIS = 500;

    /// The most that the protocol allows: a receiver that is not ready is waited for, a sender that
    /// hears nothing tries for two to three seconds, see the native half.
    private static final byte RETRIES = 7;

    private final RdmaCm cm;
    private final EventChannel channel;
    private final Map<NatCmaIdPrivate, Conversation> conversations = new ConcurrentHashMap<>();
    private final Map<NatCmaIdPrivate, DisniListener> listeners = new ConcurrentHashMap<>();

    /// @throws RdmaException where this host has no verbs
    public DisniVerbs() throws RdmaException {
        try {
            cm = RdmaCm.open();
            channel = new EventChannel((NatRdmaEventChannel) cm.createEventChannel());
        } catch (IOException e) {
            throw Failures.ofDevice(e);
        }
        Thread.ofPlatform().daemon().name("rdma-events").start(this::takeEvents);
    }

    private void takeEvents() {
        while (true) {
            try {
                RdmaCmEvent event = cm.getCmEvent(channel, EVENT_MILLIS);
                if (event != null) {
                    take(event);
                }
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.ERROR, "an event of RDMA connections", e);
                pauseAfterFailure();
            }
        }
    }

    private static void pauseAfterFailure() {
        try {
            TimeUnit.MILLISECONDS.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // DiSNI's numbers of events are positions in its enum.
    @SuppressWarnings("EnumOrdinal")
    private void take(RdmaCmEvent event) throws IOException {
        EventType type = EventType.values()[event.getEvent()];
        @Nullable NatCmaIdPrivate id = (NatCmaIdPrivate) event.getConnIdPriv();
        if (id == null) {
            return;
        }
        if (type == EventType.RDMA_CM_EVENT_CONNECT_REQUEST) {
            Conversation fresh = watch(id);
            @Nullable NatCmaIdPrivate at = (NatCmaIdPrivate) event.getListenIdPriv();
            DisniListener listener = at == null ? null : listeners.get(at);
            if (listener == null || !listener.offer(fresh)) {
                forget(fresh);
            }
            return;
        }
        Conversation known = conversations.get(id);
        if (known != null) {
            known.happened(type);
        }
    }

    private Conversation watch(NatCmaIdPrivate id) {
        Conversation fresh = new Conversation(id);
        conversations.put(id, fresh);
        return fresh;
    }

    /// Ends a connection that has no queue pair.
    void forget(Conversation gone) {
        if (conversations.remove(gone.id) != null) {
            destroy(gone);
        }
    }

    private void destroy(Conversation gone) {
        try {
            gone.close(channel);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "an RDMA connection could not be given up: " + e.getMessage());
        }
    }

    void forget(DisniListener gone, NatCmaIdPrivate id) {
        listeners.remove(id, gone);
        destroy(new Conversation(id));
    }

    @Override
    public RdmaListener listen(InetSocketAddress address) throws RdmaException {
        NatCmaIdPrivate id = newId();
        DisniListener listener = new DisniListener(this, id);
        listeners.put(id, listener);
        try {
            listener.bind(address);
            return listener;
        } catch (IOException e) {
            listener.close();
            throw Failures.ofListening(address, e);
        } catch (RuntimeException e) {
            listener.close();
            throw e;
        }
    }

    @Override
    public QueuePair connect(InetSocketAddress peer, int slots, Duration deadline)
            throws RdmaException {
        long end = System.nanoTime() + deadline.toNanos();
        String name = "the peer at " + peer;
        Conversation conversation = watch(newId());
        DisniQueuePair pair = null;
        try {
            int millis = Math.clamp(deadline.toMillis(), 1, Integer.MAX_VALUE);
            conversation.id.resolveAddr(null, peer, millis);
            conversation.await(EventType.RDMA_CM_EVENT_ADDR_RESOLVED, end, name);
            conversation.id.resolveRoute(millis);
            conversation.await(EventType.RDMA_CM_EVENT_ROUTE_RESOLVED, end, name);
            pair = new DisniQueuePair(this, conversation, slots);
            conversation.id.connect(parameters());
            conversation.await(EventType.RDMA_CM_EVENT_ESTABLISHED, end, name);
            pair.watchTheEnd();
            return pair;
        } catch (IOException e) {
            giveUp(conversation, pair);
            throw Failures.ofConnecting(name, e);
        } catch (RuntimeException e) {
            giveUp(conversation, pair);
            throw e;
        }
    }

    QueuePair accept(Conversation conversation, int slots, Duration deadline) throws RdmaException {
        long end = System.nanoTime() + deadline.toNanos();
        String name = "a peer";
        DisniQueuePair pair = null;
        try {
            pair = new DisniQueuePair(this, conversation, slots);
            conversation.id.accept(parameters());
            conversation.await(EventType.RDMA_CM_EVENT_ESTABLISHED, end, name);
            pair.watchTheEnd();
            return pair;
        } catch (IOException e) {
            giveUp(conversation, pair);
            throw Failures.ofConnecting(name, e);
        } catch (RuntimeException e) {
            giveUp(conversation, pair);
            throw e;
        }
    }

    private void giveUp(Conversation conversation, @Nullable DisniQueuePair pair) {
        if (pair == null) {
            forget(conversation);
            return;
        }
        try {
            pair.close();
        } catch (RdmaException e) {
            LOG.log(Level.WARNING, e.getMessage());
        }
    }

    private NatCmaIdPrivate newId() throws RdmaException {
        try {
            return (NatCmaIdPrivate) cm.createId(channel, RdmaCm.RDMA_PS_TCP);
        } catch (IOException e) {
            throw Failures.ofDevice(e);
        }
    }

    private static RdmaConnParam parameters() throws IOException {
        RdmaConnParam parameters = new RdmaConnParam();
        parameters.setRetry_count(RETRIES);
        parameters.setRnr_retry_count(RETRIES);
        return parameters;
    }
}
