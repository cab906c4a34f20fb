package io.memfabric.agent.borrowing.kept;

import io.memfabric.agent.borrowing.BorrowingException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// The system calls behind kept memory, see memfd_create(2), fcntl(2), mmap(2) and mlock(2).
final class MemfdCalls {

    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_GET_SEALS = 1034;
    private static final int SEEK_END = 2;
    private static final int F_SEAL_SHRINK_AND_GROW = 2 | 4;
    private static final int PROT_READ_WRITE = 1 | 2;
    private static final int MAP_SHARED = 1;
    private static final int MADV_DONTFORK = 10;
    private static final int MADV_DONTDUMP = 16;
    private static final long FAILED = -1;

    private static final ValueLayout INT = ValueLayout.JAVA_INT;
    private static final ValueLayout LONG = ValueLayout.JAVA_LONG;
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle MEMFD_CREATE =
            bind("memfd_create", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT));
    private static final MethodHandle FTRUNCATE =
            bind("ftruncate", FunctionDescriptor.of(INT, INT, LONG));
    private static final MethodHandle LSEEK =
            bind("lseek", FunctionDescriptor.of(LONG, INT, LONG, INT));
    private static final MethodHandle FCNTL =
            bind(
                    "fcntl",
                    FunctionDescriptor.of(INT, INT, INT, INT),
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle MMAP =
            bind("mmap", FunctionDescriptor.of(LONG, LONG, LONG, INT, INT, INT, LONG));
    private static final MethodHandle MLOCK = bind("mlock", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle MADVISE =
            bind("madvise", FunctionDescriptor.of(INT, LONG, LONG, INT));
    private static final MethodHandle MUNMAP =
            bind("munmap", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle CLOSE = bind("close", FunctionDescriptor.of(INT, INT));

    private MemfdCalls() {}

    private static MethodHandle bind(
            String name, FunctionDescriptor shape, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        Linker.Option[] all = Arrays.copyOf(options, options.length + 1);
        all[options.length] = Linker.Option.captureCallState("errno");
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), shape, all);
    }

    /// Makes a memfd of this length, which nobody can change afterwards.
    static int create(String name, long bytes) throws BorrowingException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            int descriptor =
                    (int)
                            MEMFD_CREATE.invokeExact(
                                    state,
                                    arena.allocateFrom(name),
                                    MFD_CLOEXEC | MFD_ALLOW_SEALING);
            check(descriptor, "memfd_create", state);
            try {
                check((int) FTRUNCATE.invokeExact(state, descriptor, bytes), "ftruncate", state);
                check(
                        (int)
                                FCNTL.invokeExact(
                                        state, descriptor, F_ADD_SEALS, F_SEAL_SHRINK_AND_GROW),
                        "fcntl",
                        state);
                return descriptor;
            } catch (BorrowingException e) {
                close(descriptor);
                throw e;
            }
        } catch (BorrowingException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /// The length of a memfd that nobody can change.
    ///
    /// @throws BorrowingException where somebody could, and so kill whoever uses it
    static long lengthOfSealed(int descriptor) throws BorrowingException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            int seals = (int) FCNTL.invokeExact(state, descriptor, F_GET_SEALS, 0);
            check(seals, "fcntl", state);
            if ((seals & F_SEAL_SHRINK_AND_GROW) != F_SEAL_SHRINK_AND_GROW) {
                throw new BorrowingException(
                        "kept_memory_unavailable", "its length is not sealed", null);
            }
            long bytes = (long) LSEEK.invokeExact(state, descriptor, 0L, SEEK_END);
            check(bytes, "lseek", state);
            return bytes;
        } catch (BorrowingException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /// Maps a memfd, present and locked, and binds it to `owner`.
    static MemorySegment map(int descriptor, long bytes, Arena owner) throws BorrowingException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            long address =
                    (long)
                            MMAP.invokeExact(
                                    state, 0L, bytes, PROT_READ_WRITE, MAP_SHARED, descriptor, 0L);
            check(address, "mmap", state);
            MemorySegment memory =
                    MemorySegment.ofAddress(address)
                            .reinterpret(bytes, owner, gone -> unmap(gone.address(), bytes));
            // Advice only: the memory works without.
            var _ = (int) MADVISE.invokeExact(state, address, bytes, MADV_DONTFORK);
            var _ = (int) MADVISE.invokeExact(state, address, bytes, MADV_DONTDUMP);
            check((int) MLOCK.invokeExact(state, address, bytes), "mlock", state);
            return memory;
        } catch (BorrowingException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    private static void unmap(long address, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            var _ = (int) MUNMAP.invokeExact(arena.allocate(CALL_STATE), address, bytes);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static void close(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            var _ = (int) CLOSE.invokeExact(arena.allocate(CALL_STATE), descriptor);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    private static void check(long result, String call, MemorySegment state)
            throws BorrowingException {
        if (result == FAILED) {
            throw new BorrowingException(
                    "kept_memory_unavailable",
                    call + ": errno " + (int) ERRNO.get(state, 0L),
                    null);
        }
    }

    private static IllegalStateException impossible(Throwable e) {
        return new IllegalStateException("a system call handle is of the wrong type", e);
    }
}
