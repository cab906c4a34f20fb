package io.memfabric.agent.lending;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// The four system calls that region memory is made with, see mmap(2), mlock(2) and madvise(2).
final class NativeMemory {

    private static final int PROT_READ_WRITE = 1 | 2;
    private static final int MAP_PRIVATE_ANONYMOUS = 2 | 0x20;
    private static final int MADV_DONTFORK = 10;
    private static final int MADV_HUGEPAGE = 14;
    private static final int MADV_DONTDUMP = 16;
    private static final int EAGAIN = 11;
    private static final long MAP_FAILED = -1;

    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle MMAP =
            bind(
                    "mmap",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG));
    private static final MethodHandle MUNMAP =
            bind(
                    "munmap",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    private static final MethodHandle MLOCK =
            bind(
                    "mlock",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    private static final MethodHandle MADVISE =
            bind(
                    "madvise",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT));

    private NativeMemory() {}

    private static MethodHandle bind(String name, FunctionDescriptor shape) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                shape,
                Linker.Option.captureCallState("errno"));
    }

    /// Maps zeroed memory, every page of it present and locked, and binds it to `owner`: closing
    /// that unmaps it, so the kernel has the memory back.
    ///
    /// @throws LendingException where the kernel has no memory to give, or may not lock it
    static MemorySegment mapLocked(long bytes, Arena owner) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            long address =
                    (long)
                            MMAP.invokeExact(
                                    state,
                                    0L,
                                    bytes,
                                    PROT_READ_WRITE,
                                    MAP_PRIVATE_ANONYMOUS,
                                    -1,
                                    0L);
            if (address == MAP_FAILED) {
                throw new LendingException("out_of_memory", "no address space for a region");
            }
            advise(state, address, bytes, MADV_DONTFORK);
            advise(state, address, bytes, MADV_DONTDUMP);
            advise(state, address, bytes, MADV_HUGEPAGE);
            int locked = (int) MLOCK.invokeExact(state, address, bytes);
            if (locked != 0) {
                int errno = (int) ERRNO.get(state, 0L);
                unmap(address, bytes);
                throw errno == EAGAIN
                        ? new LendingException("out_of_memory", "no memory for a region")
                        : new LendingException(
                                "memlock_limit",
                                "a region may not be locked, raise LimitMEMLOCK: errno " + errno);
            }
            return MemorySegment.ofAddress(address)
                    .reinterpret(bytes, owner, gone -> unmap(gone.address(), bytes));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a system call handle is of the wrong type", e);
        }
    }

    private static void unmap(long address, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            int failed = (int) MUNMAP.invokeExact(state, address, bytes);
            if (failed != 0) {
                throw new IllegalStateException("munmap: errno " + (int) ERRNO.get(state, 0L));
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a system call handle is of the wrong type", e);
        }
    }

    /// Advice only: an older kernel may refuse any of it and the region still works.
    private static void advise(MemorySegment state, long address, long bytes, int advice)
            throws Throwable {
        var _ = (int) MADVISE.invokeExact(state, address, bytes, advice);
    }
}
