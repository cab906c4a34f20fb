package io.memfabric.agent.rdma.disni;

import com.ibm.disni.verbs.IbvCQ;
import com.ibm.disni.verbs.IbvCompChannel;
import com.ibm.disni.verbs.IbvContext;
import com.ibm.disni.verbs.IbvPd;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvQPInitAttr;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.RdmaVerbs;
import com.ibm.disni.verbs.SVCPollCq;
import com.ibm.disni.verbs.SVCReqNotify;
import io.memfabric.agent.rdma.QueuePair;
import io.memfabric.agent.rdma.RdmaException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One connection's objects, made together and destroyed together.
final class DisniQueuePair implements QueuePair {

    private static final System.Logger LOG = System.getLogger(DisniQueuePair.class.getName());
    private static final int POLLED = 32;

    private final DisniVerbs owner;
    private final Conversation conversation;
    private final RdmaVerbs verbs;
    private final int slots;
    private final Arena arena = Arena.ofShared();
    private final Registrations registrations = new Registrations();
    private final IbvWC[] completions = new IbvWC[POLLED];
    private @Nullable IbvPd pd;
    private @Nullable IbvCompChannel channel;
    private @Nullable IbvCQ cq;
    private @Nullable IbvQP qp;
    private @Nullable Use use;
    private volatile boolean ended;
    private final ReentrantLock closing = new ReentrantLock();
    private boolean closed;
    private boolean gone;

    /// What works only once everything is there.
    private record Use(
            IbvPd pd,
            IbvCompChannel channel,
            IbvCQ cq,
            Messages messages,
            Transfers reads,
            Transfers writes,
            SVCPollCq poll,
            SVCReqNotify arm) {}

    /// Makes the objects on the device that the conversation is bound to, and posts the receive.
    ///
    /// @throws RdmaException where one of them cannot be made; none is left then
    DisniQueuePair(DisniVerbs owner, Conversation conversation, int slots) throws RdmaException {
        this.owner = owner;
        this.conversation = conversation;
        this.slots = slots;
        try {
            verbs = RdmaVerbs.open();
            make();
        } catch (IOException e) {
            release();
            arena.close();
            throw Failures.ofConnecting("a peer", e);
        } catch (RuntimeException e) {
            release();
            arena.close();
            throw e;
        }
    }

    // The arena is closed by close(); this is its only owner.
    @SuppressWarnings("MustBeClosedChecker")
    private void make() throws IOException {
        IbvContext device = conversation.id.getVerbs();
        IbvPd domain = verbs.allocPd(device);
        pd = domain;
        IbvCompChannel events = verbs.createCompChannel(device);
        channel = events;
        // Every slot, one message sent, one receive, and flushed ones of both.
        IbvCQ queue = verbs.createCQ(device, events, slots + 4, 0);
        cq = queue;
        IbvQPInitAttr wanted = new IbvQPInitAttr();
        wanted.cap().setMax_send_wr(slots + 1);
        wanted.cap().setMax_recv_wr(2);
        wanted.setQp_type(IbvQP.IBV_QPT_RC);
        wanted.setSend_cq(queue);
        wanted.setRecv_cq(queue);
        IbvQP pair = conversation.id.createQP(domain, wanted);
        qp = pair;
        for (int i = 0; i < POLLED; i++) {
            completions[i] = new IbvWC();
        }
        var memory = Messages.allocate(arena);
        Registration messages = register(memory.address(), memory.byteSize(), Access.LOCAL);
        Use ready =
                new Use(
                        domain,
                        events,
                        queue,
                        new Messages(verbs, pair, memory, messages.localKey(), slots, slots + 1L),
                        new Transfers(verbs, pair, IbvSendWR.IBV_WR_RDMA_READ, slots),
                        new Transfers(verbs, pair, IbvSendWR.IBV_WR_RDMA_WRITE, slots),
                        verbs.pollCQ(queue, completions, POLLED),
                        verbs.reqNotifyCQ(queue, false));
        ready.messages.postReceive();
        use = ready;
    }

    /// Ends with the conversation, from when it is connected.
    void watchTheEnd() {
        conversation.whenEnded(this::stop);
    }

    private Use use() throws RdmaException {
        Use ready = use;
        if (ready == null) {
            throw new RdmaException(RdmaException.ENDED, "the RDMA connection has ended");
        }
        return ready;
    }

    @Override
    public Registration register(long address, long length, Access access) throws RdmaException {
        closing.lock();
        try {
            IbvPd domain = pd;
            if (domain == null) {
                throw new RdmaException(RdmaException.ENDED, "the RDMA connection has ended");
            }
            return registrations.add(domain, address, length, access);
        } finally {
            closing.unlock();
        }
    }

    @Override
    public void read(int slot, long local, int localKey, long remote, int remoteKey, int length)
            throws RdmaException {
        try {
            use().reads.post(slot, local, localKey, remote, remoteKey, length);
        } catch (IOException e) {
            throw Failures.ofEnded(e);
        }
    }

    @Override
    public void write(int slot, long local, int localKey, long remote, int remoteKey, int length)
            throws RdmaException {
        try {
            use().writes.post(slot, local, localKey, remote, remoteKey, length);
        } catch (IOException e) {
            throw Failures.ofEnded(e);
        }
    }

    @Override
    public void send(byte[] message, Duration deadline) throws RdmaException {
        if (message.length > MESSAGE) {
            throw new IllegalArgumentException("a message of " + message.length + " bytes");
        }
        try {
            use().messages.send(message);
        } catch (IOException e) {
            throw Failures.ofEnded(e);
        }
        awaitMessage(slots, deadline);
    }

    @Override
    public byte[] receive(Duration deadline) throws RdmaException {
        byte[] message =
                early != null ? early : use().messages.received(awaitMessage(slots + 1L, deadline));
        early = null;
        try {
            use().messages.postReceive();
        } catch (IOException e) {
            throw Failures.ofEnded(e);
        }
        return message;
    }

    /// A message that came before the peer's device said that it has ours.
    private byte @Nullable [] early;

    /// Waits for one completion, and answers the length that it tells.
    private int awaitMessage(long id, Duration deadline) throws RdmaException {
        long end = System.nanoTime() + deadline.toNanos();
        while (true) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                throw new RdmaException(
                        RdmaException.TIMEOUT, "the peer said nothing in time over RDMA");
            }
            int count = await(Duration.ZERO, Duration.ofNanos(left));
            int length = -1;
            for (int i = 0; i < count; i++) {
                IbvWC completion = completions[i];
                if (completion.getStatus() != 0) {
                    throw new RdmaException(
                            RdmaException.ENDED,
                            "the peer ended the RDMA connection, status " + completion.getStatus());
                }
                if (completion.getWr_id() == id) {
                    length = completion.getByte_len();
                } else if (completion.getWr_id() == slots + 1L) {
                    early = use().messages.received(completion.getByte_len());
                }
            }
            if (length >= 0) {
                return length;
            }
            if (ended) {
                throw new RdmaException(RdmaException.ENDED, "the peer ended the RDMA connection");
            }
        }
    }

    @Override
    public int poll() throws RdmaException {
        try {
            SVCPollCq call = use().poll;
            call.execute();
            return call.getPolls();
        } catch (IOException e) {
            throw Failures.ofEnded(e);
        }
    }

    @Override
    public int await(Duration spin, Duration longest) throws RdmaException {
        long spinEnd = System.nanoTime() + spin.toNanos();
        do {
            int found = poll();
            if (found > 0) {
                return found;
            }
            Thread.onSpinWait();
        } while (System.nanoTime() < spinEnd);
        try {
            Use with = use();
            with.arm.execute();
            // What completed before it was armed raises no event.
            int found = poll();
            if (found > 0 || ended) {
                return found;
            }
            int millis = Math.clamp(longest.toMillis(), 1, Integer.MAX_VALUE);
            if (with.channel.getCqEvent(with.cq, millis)) {
                var _ = verbs.ackCqEvents(with.cq, 1);
            }
            return poll();
        } catch (IOException e) {
            throw Failures.ofEnded(e);
        }
    }

    @Override
    public int slot(int completion) {
        long id = completions[completion].getWr_id();
        return id < slots ? (int) id : FOREIGN;
    }

    @Override
    public int status(int completion) {
        return completions[completion].getStatus();
    }

    @Override
    public boolean hasEnded() {
        return ended;
    }

    @Override
    public void stop() {
        if (ended) {
            return;
        }
        ended = true;
        try {
            // Puts the queue pair into the error state first, then tells the peer.
            int failed = conversation.id.disconnect();
            if (failed != 0) {
                LOG.log(Level.DEBUG, "ending an RDMA connection: error {0}", failed);
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "ending an RDMA connection", e);
        }
    }

    @Override
    public void close() throws RdmaException {
        stop();
        closing.lock();
        try {
            if (!closed) {
                closed = true;
                gone = release();
                if (gone) {
                    arena.close();
                }
            }
            if (!gone) {
                throw new RdmaException(
                        RdmaException.FAILED,
                        "an RDMA connection could not be ended for certain: its memory stays taken");
            }
        } finally {
            closing.unlock();
        }
    }

    /// Destroys what there is, the queue pair first. Without it nobody can use the registrations, and
    /// without them nothing can be reached: either makes the memory safe to use again.
    private boolean release() {
        Use was = use;
        use = null;
        boolean noPair = qp == null || Teardown.tried("the queue pair", conversation.id::destroyQP);
        boolean noRegistration = registrations.giveUp();
        if (was != null) {
            was.messages.free();
            was.reads.free();
            was.writes.free();
            was.poll.free();
        }
        IbvCQ queue = cq;
        IbvCompChannel events = channel;
        IbvPd domain = pd;
        if (queue != null) {
            Teardown.tried("the completion queue", queue::destroyCQ);
        }
        if (events != null) {
            Teardown.tried("the completion channel", events::destroyCompChannel);
        }
        if (domain != null) {
            Teardown.tried("the protection domain", domain::deallocPd);
        }
        qp = null;
        cq = null;
        channel = null;
        pd = null;
        owner.forget(conversation);
        return noPair || noRegistration;
    }
}
