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
import java.nio.file.Path;

/// The system calls that give a file its blocks, see open(2), fallocate(2) and close(2).
final class NativeFiles {

    private static final int O_WRONLY = 1;
    private static final int O_CLOEXEC = 0x80000;
    private static final int ENOSPC = 28;
    private static final int EDQUOT = 122;

    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle OPEN =
            bind(
                    "open",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                    Linker.Option.captureCallState("errno"),
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle FALLOCATE =
            bind(
                    "fallocate",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG),
                    Linker.Option.captureCallState("errno"));
    private static final MethodHandle CLOSE =
            bind("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private NativeFiles() {}

    private static MethodHandle bind(
            String name, FunctionDescriptor shape, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), shape, options);
    }

    /// Gives a file every block of its first `bytes`; what was written stays.
    ///
    /// @throws LendingException with code `spill_full` where the disk has no room, and
    ///     `spill_failed` where it cannot be asked for
    static void allocate(Path file, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            MemorySegment name = arena.allocateFrom(file.toString());
            int descriptor = (int) OPEN.invokeExact(state, name, O_WRONLY | O_CLOEXEC);
            if (descriptor < 0) {
                throw failed(file, "open", (int) ERRNO.get(state, 0L));
            }
            try {
                int failed = (int) FALLOCATE.invokeExact(state, descriptor, 0, 0L, bytes);
                if (failed != 0) {
                    throw failed(file, "fallocate", (int) ERRNO.get(state, 0L));
                }
            } finally {
                var _ = (int) CLOSE.invokeExact(descriptor);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a system call handle is of the wrong type", e);
        }
    }

    private static LendingException failed(Path file, String call, int errno) {
        return errno == ENOSPC || errno == EDQUOT
                ? new LendingException("spill_full", "the disk has no room for " + file)
                : new LendingException("spill_failed", call + " of " + file + ": errno " + errno);
    }
}
