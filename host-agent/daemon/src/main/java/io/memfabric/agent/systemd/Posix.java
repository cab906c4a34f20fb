package io.memfabric.agent.systemd;

import io.memfabric.agent.borrowing.DiskClients;
import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// System calls on raw descriptors, which Java's own channels cannot take over. Each is made again
/// when a signal interrupts it, except close(2), after which a descriptor is gone in any case.
final class Posix {

    static final int AF_UNIX = 1;
    static final int SOCK_STREAM = 1;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_NONBLOCK = 0x800;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int EAGAIN = 11;

    private static final int EINTR = 4;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int SHUT_RDWR = 2;
    private static final int F_SETFD = 2;
    private static final int FD_CLOEXEC = 1;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERCRED = 17;

    /// `struct ucred`: process, user, group.
    private static final long UCRED_BYTES = 12;

    private static final long UCRED_UID = 4;
    private static final short POLLIN = 1;
    private static final long POLLFD_BYTES = 8;
    private static final long POLLFD_EVENTS = 4;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final AddressLayout ADDRESS = ValueLayout.ADDRESS;

    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    /// Where a thread's calls leave `errno`.
    private static final ThreadLocal<MemorySegment> STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CALL_STATE));

    private static final MethodHandle READ =
            bind("read", FunctionDescriptor.of(LONG, INT, ADDRESS, LONG));
    private static final MethodHandle SEND =
            bind("send", FunctionDescriptor.of(LONG, INT, ADDRESS, LONG, INT));
    private static final MethodHandle SENDMSG =
            bind("sendmsg", FunctionDescriptor.of(LONG, INT, ADDRESS, INT));
    private static final MethodHandle SOCKET =
            bind("socket", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle BIND =
            bind("bind", FunctionDescriptor.of(INT, INT, ADDRESS, INT));
    private static final MethodHandle LISTEN = bind("listen", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle ACCEPT4 =
            bind("accept4", FunctionDescriptor.of(INT, INT, ADDRESS, ADDRESS, INT));
    private static final MethodHandle POLL =
            bind("poll", FunctionDescriptor.of(INT, ADDRESS, LONG, INT));
    private static final MethodHandle GETSOCKOPT =
            bind("getsockopt", FunctionDescriptor.of(INT, INT, INT, INT, ADDRESS, ADDRESS));
    private static final MethodHandle SHUTDOWN =
            bind("shutdown", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle CLOSE = bind("close", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle FCNTL =
            bind("fcntl", FunctionDescriptor.of(INT, INT, INT, INT), 2);

    private Posix() {}

    private static MethodHandle bind(String name, FunctionDescriptor shape) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                shape,
                Linker.Option.captureCallState("errno"));
    }

    private static MethodHandle bind(String name, FunctionDescriptor shape, int firstVariadic) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                shape,
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(firstVariadic));
    }

    private interface Call {
        long make(MemorySegment state) throws Throwable;
    }

    /// Makes a call, again after a signal; answers its result, or minus `errno`.
    private static long make(Call call) {
        MemorySegment state = STATE.get();
        try {
            while (true) {
                long result = call.make(state);
                if (result >= 0) {
                    return result;
                }
                int errno = (int) ERRNO.get(state, 0L);
                if (errno != EINTR) {
                    return -errno;
                }
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    private static IllegalStateException impossible(Throwable e) {
        return new IllegalStateException("a system call handle is of the wrong type", e);
    }

    private static long checked(String name, long result) throws IOException {
        if (result < 0) {
            throw new IOException(name + ": errno " + -result);
        }
        return result;
    }

    /// Reads at least one byte; 0 at the end of the stream, minus `errno` where it fails.
    static long read(int descriptor, MemorySegment to) {
        MemorySegment state = STATE.get();
        try {
            while (true) {
                long result = (long) READ.invokeExact(state, descriptor, to, to.byteSize());
                if (result >= 0) {
                    return result;
                }
                int errno = (int) ERRNO.get(state, 0L);
                if (errno != EINTR) {
                    return -errno;
                }
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /// Sends at least one byte of a stream, without the signal that a closed peer would cause.
    static long send(int descriptor, MemorySegment from) throws IOException {
        MemorySegment state = STATE.get();
        try {
            while (true) {
                long result =
                        (long)
                                SEND.invokeExact(
                                        state, descriptor, from, from.byteSize(), MSG_NOSIGNAL);
                if (result >= 0) {
                    return result;
                }
                int errno = (int) ERRNO.get(state, 0L);
                if (errno != EINTR) {
                    return checked("send", -errno);
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static void sendmsg(int descriptor, MemorySegment message) throws IOException {
        checked(
                "sendmsg",
                make(s -> (long) SENDMSG.invokeExact(s, descriptor, message, MSG_NOSIGNAL)));
    }

    static int socket(int type) throws IOException {
        return (int)
                checked(
                        "socket",
                        make(s -> (int) SOCKET.invokeExact(s, AF_UNIX, type | SOCK_CLOEXEC, 0)));
    }

    static void bindOnly(int descriptor, MemorySegment address) throws IOException {
        int length = (int) address.byteSize();
        checked("bind", make(s -> (int) BIND.invokeExact(s, descriptor, address, length)));
    }

    static void bindAndListen(int descriptor, MemorySegment address, int backlog)
            throws IOException {
        bindOnly(descriptor, address);
        checked("listen", make(s -> (int) LISTEN.invokeExact(s, descriptor, backlog)));
    }

    /// Waits until there is something to accept or read, at most so long.
    static boolean awaitReadable(int descriptor, int millis) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment poll = arena.allocate(POLLFD_BYTES, Integer.BYTES);
            poll.set(INT, 0, descriptor);
            poll.set(ValueLayout.JAVA_SHORT, POLLFD_EVENTS, POLLIN);
            return checked("poll", make(s -> (int) POLL.invokeExact(s, poll, 1L, millis))) > 0;
        }
    }

    /// Accepts a connection, or answers minus `errno`.
    static int accept(int descriptor) {
        return (int)
                make(
                        s ->
                                (int)
                                        ACCEPT4.invokeExact(
                                                s,
                                                descriptor,
                                                MemorySegment.NULL,
                                                MemorySegment.NULL,
                                                SOCK_CLOEXEC));
    }

    /// Who connected a unix socket, as the kernel saw it then.
    static DiskClients.Peer peer(int descriptor) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ucred = arena.allocate(UCRED_BYTES, Integer.BYTES);
            MemorySegment length = arena.allocateFrom(INT, (int) UCRED_BYTES);
            checked(
                    "getsockopt",
                    make(
                            s ->
                                    (int)
                                            GETSOCKOPT.invokeExact(
                                                    s,
                                                    descriptor,
                                                    SOL_SOCKET,
                                                    SO_PEERCRED,
                                                    ucred,
                                                    length)));
            return new DiskClients.Peer(ucred.get(INT, 0), ucred.get(INT, UCRED_UID));
        }
    }

    /// Ends a connection for both sides; who waits in a call on it returns.
    static void shutdown(int descriptor) {
        // One that is not connected any more needs none.
        var _ = make(s -> (int) SHUTDOWN.invokeExact(s, descriptor, SHUT_RDWR));
    }

    static void closeOnExec(int descriptor) throws IOException {
        checked("fcntl", make(s -> (int) FCNTL.invokeExact(s, descriptor, F_SETFD, FD_CLOEXEC)));
    }

    /// To be called once: the number may be another's at once. Linux gives the descriptor back even
    /// where the call is interrupted, see close(2).
    static void close(int descriptor) {
        try {
            var _ = (int) CLOSE.invokeExact(STATE.get(), descriptor);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }
}
