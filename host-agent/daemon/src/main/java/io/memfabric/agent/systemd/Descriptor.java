package io.memfabric.agent.systemd;

import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// A raw descriptor that several threads use and any of them closes. Who closes it ends its use; the
/// last call that is under way gives the number back, so that it is never used for another's.
final class Descriptor {

    private final int number;
    private final AtomicBoolean closed = new AtomicBoolean();

    /// The owner and the calls that are under way.
    private final AtomicInteger users = new AtomicInteger(1);

    Descriptor(int number) {
        this.number = number;
    }

    /// Begins a call, which [#leave] ends, and answers the number for it.
    ///
    /// @throws ClosedChannelException once it is closed
    int enter() throws ClosedChannelException {
        int now;
        do {
            now = users.get();
            if (now == 0 || closed.get()) {
                throw new ClosedChannelException();
            }
        } while (!users.compareAndSet(now, now + 1));
        return number;
    }

    void leave() {
        if (users.decrementAndGet() == 0) {
            Posix.close(number);
        }
    }

    boolean isOpen() {
        return !closed.get();
    }

    /// Closes it. Calls that are under way are not woken.
    void close() {
        if (closed.compareAndSet(false, true)) {
            leave();
        }
    }

    /// Closes a connection and ends it for both sides, which wakes who waits in a call on it.
    void shutDownAndClose() {
        if (closed.compareAndSet(false, true)) {
            Posix.shutdown(number);
            leave();
        }
    }
}
