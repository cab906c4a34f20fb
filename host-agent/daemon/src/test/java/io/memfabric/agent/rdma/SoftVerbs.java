package io.memfabric.agent.rdma;

import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Verbs of one process without a device: connections between its own threads, transfers that are
/// copies. As strict as a device: a key is good on its own connection only, for what it was registered
/// for, and not after that; the first failure ends the connection.
public final class SoftVerbs implements Verbs {

    private final Map<Integer, SoftListener> listeners = new HashMap<>();
    private final AtomicInteger ports = new AtomicInteger(20_000);
    private final AtomicInteger keys = new AtomicInteger(1000);

    /// Registrations that were not given up.
    private final AtomicInteger registered = new AtomicInteger();

    private volatile boolean unplugged;

    public int registrations() {
        return registered.get();
    }

    /// No connection can be made from now on.
    public void unplug(boolean out) {
        unplugged = out;
    }

    @Override
    public synchronized RdmaListener listen(InetSocketAddress address) {
        int port = address.getPort() == 0 ? ports.incrementAndGet() : address.getPort();
        SoftListener listener = new SoftListener(port);
        listeners.put(port, listener);
        return listener;
    }

    @Override
    public QueuePair connect(InetSocketAddress peer, int slots, Duration deadline)
            throws RdmaException {
        SoftListener listener;
        synchronized (this) {
            listener = listeners.get(peer.getPort());
        }
        if (listener == null || unplugged) {
            throw new RdmaException(RdmaException.REFUSED, peer + " does not listen");
        }
        SoftPair mine = new SoftPair(slots);
        SoftRequest request = new SoftRequest(mine);
        listener.waiting.add(request);
        try {
            QueuePair theirs = request.taken.poll(deadline.toNanos(), TimeUnit.NANOSECONDS);
            if (theirs == null || theirs == mine) {
                throw new RdmaException(
                        theirs == null ? RdmaException.TIMEOUT : RdmaException.REFUSED,
                        "nobody took the connection");
            }
            return mine;
        } catch (InterruptedException e) {
            throw new RdmaException(RdmaException.TIMEOUT, "interrupted", e);
        }
    }

    private final class SoftListener implements RdmaListener {

        private final int port;
        private final BlockingQueue<SoftRequest> waiting = new LinkedBlockingQueue<>();

        SoftListener(int port) {
            this.port = port;
        }

        @Override
        public InetSocketAddress address() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        }

        @Override
        public Optional<Request> next(Duration longest) throws InterruptedException {
            return Optional.ofNullable(waiting.poll(longest.toNanos(), TimeUnit.NANOSECONDS));
        }

        @Override
        public void close() {
            synchronized (SoftVerbs.this) {
                listeners.remove(port);
            }
            waiting.forEach(SoftRequest::refuse);
        }
    }

    private final class SoftRequest implements RdmaListener.Request {

        private final SoftPair asking;
        private final BlockingQueue<QueuePair> taken = new LinkedBlockingQueue<>();

        SoftRequest(SoftPair asking) {
            this.asking = asking;
        }

        @Override
        public QueuePair accept(int slots, Duration deadline) {
            SoftPair mine = new SoftPair(slots);
            mine.peer = asking;
            asking.peer = mine;
            taken.add(mine);
            return mine;
        }

        @Override
        public void refuse() {
            taken.add(asking);
        }

        @Override
        public String peer() {
            return "a thread";
        }
    }

    private record Completion(int slot, int status) {}

    private record Granted(QueuePair.Registration registration, QueuePair.Access access) {}

    private final class SoftPair implements QueuePair {

        private final int slots;
        private @Nullable SoftPair peer;
        private final Map<Integer, Granted> granted = new HashMap<>();
        private final ArrayDeque<Completion> completions = new ArrayDeque<>();
        private final ArrayDeque<byte[]> messages = new ArrayDeque<>();
        private List<Completion> polled = List.of();
        private boolean ended;

        SoftPair(int slots) {
            this.slots = slots;
        }

        @Override
        public synchronized Registration register(long address, long length, Access access)
                throws RdmaException {
            if (length < 1 || length > Integer.MAX_VALUE) {
                throw new RdmaException(RdmaException.TOO_LARGE, length + " bytes");
            }
            int key = keys.incrementAndGet();
            Registration made = new Registration(address, (int) length, key, key);
            granted.put(key, new Granted(made, access));
            registered.incrementAndGet();
            return made;
        }

        private synchronized boolean allows(
                int key, long address, int length, boolean write, boolean remote) {
            Granted found = ended ? null : granted.get(key);
            if (found == null
                    || address < found.registration.address()
                    || address + length
                            > found.registration.address() + found.registration.length()) {
                return false;
            }
            return switch (found.access) {
                case SOURCE -> !remote && !write;
                case LOCAL -> !remote;
                case PEER_READ -> remote && !write;
                case PEER -> true;
            };
        }

        @Override
        public void read(int slot, long local, int localKey, long remote, int remoteKey, int length)
                throws RdmaException {
            transfer(slot, local, localKey, remote, remoteKey, length, false);
        }

        @Override
        public void write(
                int slot, long local, int localKey, long remote, int remoteKey, int length)
                throws RdmaException {
            transfer(slot, local, localKey, remote, remoteKey, length, true);
        }

        private void transfer(
                int slot,
                long local,
                int localKey,
                long remote,
                int remoteKey,
                int length,
                boolean write)
                throws RdmaException {
            if (slot < 0 || slot >= slots) {
                throw new IllegalArgumentException("slot " + slot);
            }
            SoftPair other = peer;
            if (other == null || hasEnded()) {
                throw new RdmaException(RdmaException.ENDED, "ended");
            }
            if (length == 0) {
                complete(new Completion(slot, other.hasEnded() ? 12 : 0));
            } else if (!allows(localKey, local, length, !write, false)) {
                complete(new Completion(slot, 4));
            } else {
                copy(other, slot, local, remote, remoteKey, length, write);
            }
        }

        /// A device checks the key and moves the data in one step, as far as anybody can tell.
        private void copy(
                SoftPair other,
                int slot,
                long local,
                long remote,
                int remoteKey,
                int length,
                boolean write) {
            int status = 0;
            synchronized (other) {
                if (other.allows(remoteKey, remote, length, write, true)) {
                    MemorySegment here = MemorySegment.ofAddress(local).reinterpret(length);
                    MemorySegment there = MemorySegment.ofAddress(remote).reinterpret(length);
                    if (write) {
                        there.copyFrom(here);
                    } else {
                        here.copyFrom(there);
                    }
                } else {
                    status = other.ended ? 12 : REMOTE_ACCESS;
                }
            }
            complete(new Completion(slot, status));
        }

        private synchronized void complete(Completion completion) {
            completions.add(ended ? new Completion(completion.slot, FLUSHED) : completion);
            notifyAll();
        }

        @Override
        public void send(byte[] message, Duration deadline) throws RdmaException {
            SoftPair other = peer;
            if (other == null || hasEnded()) {
                throw new RdmaException(RdmaException.ENDED, "ended");
            }
            synchronized (other) {
                other.messages.add(message.clone());
                other.notifyAll();
            }
        }

        @Override
        public synchronized byte[] receive(Duration deadline) throws RdmaException {
            long end = System.nanoTime() + deadline.toNanos();
            try {
                while (messages.isEmpty()) {
                    long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                    if (ended || left <= 0) {
                        throw new RdmaException(
                                ended ? RdmaException.ENDED : RdmaException.TIMEOUT, "no message");
                    }
                    wait(left);
                }
                return messages.remove();
            } catch (InterruptedException e) {
                throw new RdmaException(RdmaException.TIMEOUT, "interrupted", e);
            }
        }

        @Override
        public synchronized int poll() {
            List<Completion> taken = new ArrayList<>();
            while (taken.size() < 32 && !completions.isEmpty()) {
                taken.add(completions.remove());
            }
            while (!messages.isEmpty() && taken.size() < 32) {
                messages.remove();
                taken.add(new Completion(slots + 1, 0));
            }
            polled = taken;
            return taken.size();
        }

        @Override
        public synchronized int await(Duration spin, Duration longest) throws RdmaException {
            try {
                long end = System.nanoTime() + Math.max(1_000_000, longest.toNanos());
                long left = end - System.nanoTime();
                while (completions.isEmpty() && messages.isEmpty() && !ended && left > 0) {
                    wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
                    left = end - System.nanoTime();
                }
                return poll();
            } catch (InterruptedException e) {
                throw new RdmaException(RdmaException.TIMEOUT, "interrupted", e);
            }
        }

        @Override
        public int slot(int completion) {
            int slot = polled.get(completion).slot;
            return slot < slots ? slot : FOREIGN;
        }

        @Override
        public int status(int completion) {
            return polled.get(completion).status;
        }

        @Override
        public synchronized boolean hasEnded() {
            return ended;
        }

        @Override
        public void stop() {
            SoftPair other = peer;
            if (end() && other != null) {
                other.end();
            }
        }

        private synchronized boolean end() {
            if (ended) {
                return false;
            }
            ended = true;
            notifyAll();
            return true;
        }

        /// Both ends may close at once: neither holds its own lock while it takes the other's.
        @Override
        public void close() {
            stop();
            synchronized (this) {
                registered.addAndGet(-granted.size());
                granted.clear();
            }
        }
    }
}
