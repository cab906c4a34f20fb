package io.memfabric.agent.lending;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The network between a borrower and a lender: it can end, swallow or delay what goes through.
public final class LenderProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final InetSocketAddress lender;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean down;
    private volatile boolean swallowing;
    private volatile long delayMillis;
    private final AtomicLong budget = new AtomicLong(Long.MAX_VALUE);

    private record Piece(ByteBuffer bytes, long due) implements Delayed {
        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(due - System.nanoTime(), TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(due, ((Piece) other).due);
        }
    }

    public LenderProxy(Lender lender) throws IOException {
        this.lender = lender.lending.address();
        listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(this::accept);
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    /// Ends a connection after it passed so many bytes to the borrower; once.
    public void cutAfter(long bytes) {
        budget.set(bytes);
    }

    /// Ends every connection and lets none through until [#mend].
    public void cut() throws IOException {
        down = true;
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    public void mend() {
        down = false;
        swallowing = false;
    }

    /// From now on everything is taken and nothing passed on.
    public void swallow() {
        swallowing = true;
    }

    /// Passes what the lender says on later.
    public void delay(long millis) {
        delayMillis = millis;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket near = listener.accept();
                if (down) {
                    near.close();
                } else {
                    connect(near);
                }
            } catch (IOException e) {
                // The listener, which ends the loop, or a lender that is gone.
            }
        }
    }

    private void connect(Socket near) throws IOException {
        near.setTcpNoDelay(true);
        sockets.add(near);
        Socket far = new Socket();
        try {
            far.connect(lender);
            far.setTcpNoDelay(true);
        } catch (IOException e) {
            near.close();
            throw e;
        }
        sockets.add(far);
        if (down) {
            near.close();
        }
        pass(near, far, false);
        pass(far, near, true);
    }

    private void pass(Socket from, Socket to, boolean delayed) {
        DelayQueue<Piece> queue = new DelayQueue<>();
        Thread writer =
                Thread.ofPlatform()
                        .daemon()
                        .start(
                                () -> {
                                    try (from;
                                            to) {
                                        OutputStream out = to.getOutputStream();
                                        while (true) {
                                            out.write(queue.take().bytes().array());
                                        }
                                    } catch (IOException | InterruptedException e) {
                                        // Either end closed.
                                    }
                                });
        Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            try (from;
                                    to) {
                                InputStream in = from.getInputStream();
                                byte[] bytes = new byte[64 << 10];
                                long due = 0;
                                for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                                    if (swallowing) {
                                        continue;
                                    }
                                    if (delayed && budget.get() < n) {
                                        int rest = (int) budget.getAndSet(Long.MAX_VALUE);
                                        to.getOutputStream().write(bytes, 0, rest);
                                        return;
                                    }
                                    if (delayed && budget.get() != Long.MAX_VALUE) {
                                        budget.addAndGet(-n);
                                    }
                                    long wait = delayed ? delayMillis * 1_000_000 : 0;
                                    // Never out of order, even when the delay shrinks.
                                    due = Math.max(due + 1, System.nanoTime() + wait);
                                    queue.add(
                                            new Piece(
                                                    ByteBuffer.wrap(Arrays.copyOf(bytes, n)), due));
                                }
                            } catch (IOException e) {
                                // Either end closed.
                            } finally {
                                writer.interrupt();
                            }
                        });
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }
}
