package io.memfabric.agent.systemd;

import io.memfabric.agent.borrowing.DiskClients;
import io.memfabric.agent.borrowing.DiskListener;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/// Listening unix sockets that the service manager keeps when this process dies: whoever connects in
/// between waits for the next process instead of being refused.
public final class HeldListeners implements DiskListener.Source {

    private static final System.Logger LOG = System.getLogger(HeldListeners.class.getName());

    /// One client is served at a time; what else comes is its next try.
    private static final int BACKLOG = 4;

    private static final int LOOK_UP_MILLIS = 100;

    private final Supervisor manager;

    /// Found as a service.
    public HeldListeners() {
        this(Supervisor.ofThisProcess());
    }

    HeldListeners(Supervisor manager) {
        this.manager = manager;
    }

    @Override
    public DiskListener listen(
            String name,
            Path socket,
            Function<? super DiskClients.Peer, Optional<String>> objection)
            throws IOException {
        OptionalInt held = manager.claim(label(name));
        if (held.isPresent() && Files.exists(socket)) {
            LOG.log(Level.DEBUG, "{0} goes on", socket);
            return new Listener(held.getAsInt(), name, objection);
        }
        if (held.isPresent()) {
            // The path is gone, so nobody can come in there any more.
            manager.forget(label(name));
            Posix.close(held.getAsInt());
        }
        int fresh = open(socket);
        manager.store(label(name), fresh);
        return new Listener(fresh, name, objection);
    }

    private static int open(Path socket) throws IOException {
        Files.deleteIfExists(socket);
        int descriptor = Posix.socket(Posix.SOCK_STREAM | Posix.SOCK_NONBLOCK);
        try (Arena arena = Arena.ofConfined()) {
            Posix.bindAndListen(descriptor, Messages.address(socket.toString(), arena), BACKLOG);
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
            return descriptor;
        } catch (IOException | RuntimeException e) {
            Posix.close(descriptor);
            throw e;
        }
    }

    @Override
    public void drop(String name, Path socket) {
        OptionalInt held = manager.claim(label(name));
        held.ifPresent(Posix::close);
        manager.forget(label(name));
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0} cannot be removed: {1}", socket, e.getMessage());
        }
    }

    private static String label(String name) {
        return "listener-" + name;
    }

    /// The socket itself is never shut down: that would end it for the process after this one too.
    private static final class Listener implements DiskListener {

        private final Descriptor descriptor;
        private final String name;
        private final Function<? super DiskClients.Peer, Optional<String>> objection;

        /// The process that was refused last: one that comes again and again is logged once.
        private int refusedPid = -1;

        Listener(
                int number,
                String name,
                Function<? super DiskClients.Peer, Optional<String>> objection) {
            descriptor = new Descriptor(number);
            this.name = name;
            this.objection = objection;
        }

        @Override
        public ByteChannel accept() throws IOException {
            int number = descriptor.enter();
            try {
                while (descriptor.isOpen()) {
                    if (Posix.awaitReadable(number, LOOK_UP_MILLIS)) {
                        int client = Posix.accept(number);
                        if (client >= 0 && isWelcome(client)) {
                            return new DescriptorChannel(client);
                        }
                        if (client < 0 && client != -Posix.EAGAIN) {
                            throw new IOException("accept: errno " + -client);
                        }
                    }
                }
                throw new ClosedChannelException();
            } finally {
                descriptor.leave();
            }
        }

        /// Closes a connection that is not to be served.
        private boolean isWelcome(int client) {
            boolean welcome = false;
            try {
                DiskClients.Peer peer = Posix.peer(client);
                Optional<String> why = objection.apply(peer);
                welcome = why.isEmpty();
                if (!welcome && peer.pid() != refusedPid) {
                    refusedPid = peer.pid();
                    LOG.log(
                            Level.WARNING,
                            "client_refused: process {0} of user {1} at the disk of grant {2}: {3}",
                            String.valueOf(peer.pid()),
                            String.valueOf(peer.uid()),
                            name,
                            why.orElse(""));
                }
            } catch (IOException e) {
                LOG.log(Level.WARNING, "client_refused: nobody knows who it is", e);
            } finally {
                if (!welcome) {
                    Posix.close(client);
                }
            }
            return welcome;
        }

        @Override
        public boolean isOpen() {
            return descriptor.isOpen();
        }

        @Override
        public void close() {
            descriptor.close();
        }
    }
}
