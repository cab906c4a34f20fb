package io.memfabric.agent.rdma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The native half against the jar that it is made for, as far as that needs no device.
final class NativeHalfTest {

    private static final String DISPATCHER = "com.ibm.disni.verbs.impl.NativeDispatcher";

    /// What answers without an object: sizes and the version.
    private static final Set<String> OF_NOTHING =
            Set.of("_getVersion", "_queryOdpSupport", "_createEventChannel", "_ackCmEvent");

    @TempDir Path folder;
    private Path library;

    @BeforeEach
    void copyTheLibrary() throws IOException {
        Path built = VerbsLibrary.bundled();
        assumeTrue(
                Files.isRegularFile(built),
                "the headers of rdma-core are not there, so the native half was not built");
        // A file of its own: a library can be loaded by one class loader of a process only.
        library = Files.copy(built, folder.resolve("lib.so"));
    }

    @Test
    void hasEveryEntryPointThatTheJarDeclares() throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup symbols = SymbolLookup.libraryLookup(library, arena);
            List<String> missing =
                    natives(new VerbsLoader(library).loadClass(DISPATCHER)).stream()
                            .map(m -> "Java_" + DISPATCHER.replace('.', '_') + "_" + symbol(m))
                            .filter(name -> symbols.find(name).isEmpty())
                            .toList();
            assertThat(missing).isEmpty();
        }
    }

    private static String symbol(Method method) {
        return method.getName().replace("_", "_1");
    }

    private static List<Method> natives(Class<?> dispatcher) {
        List<Method> found =
                Arrays.stream(dispatcher.getDeclaredMethods())
                        .filter(m -> Modifier.isNative(m.getModifiers()))
                        .toList();
        assertThat(found).hasSizeGreaterThan(40);
        return found;
    }

    @Test
    void refusesEveryCallOnAnObjectThatIsNone() throws Exception {
        Class<?> type = new VerbsLoader(library).loadClass(DISPATCHER);
        Constructor<?> constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        Object dispatcher = constructor.newInstance();
        for (long handle : new long[] {0, -1, 1, 131_073, Long.MAX_VALUE, 0x7f00_dead_beefL}) {
            for (Method method : natives(type)) {
                if (!OF_NOTHING.contains(method.getName())
                        && !method.getName().endsWith("Size")
                        && !method.getName().endsWith("Offset")) {
                    assertThat(outcome(dispatcher, method, handle))
                            .as("%s(%d)", method.getName(), handle)
                            .isEqualTo("refused");
                }
            }
        }
    }

    /// Calls a method with that handle wherever it takes a long, and small numbers elsewhere.
    private static String outcome(Object dispatcher, Method method, long handle) throws Exception {
        Object[] arguments =
                Arrays.stream(method.getParameterTypes())
                        .map(
                                type -> {
                                    if (type == long.class) {
                                        return (Object) handle;
                                    } else if (type == int.class) {
                                        return (Object) 1;
                                    } else if (type == short.class) {
                                        return (Object) (short) 0x106;
                                    }
                                    return (Object) (byte) 0;
                                })
                        .toArray();
        try {
            Object result = method.invoke(dispatcher, arguments);
            return result instanceof Integer number && number < 0 ? "refused" : "took " + result;
        } catch (InvocationTargetException e) {
            return e.getCause() instanceof IOException ? "refused" : "threw " + e.getCause();
        }
    }

    @Test
    void laysOutRequestsAsTheJarExpects() throws Exception {
        Class<?> type = new VerbsLoader(library).loadClass(DISPATCHER);
        Constructor<?> constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        Object dispatcher = constructor.newInstance();
        assertThat(
                        natives(type).stream()
                                .filter(
                                        m ->
                                                m.getName().endsWith("Size")
                                                        || m.getName().endsWith("Offset")
                                                        || m.getName().equals("_getVersion"))
                                .collect(
                                        Collectors.toMap(
                                                Method::getName, m -> call(dispatcher, m))))
                .containsEntry("_getVersion", 32)
                .containsEntry("_getSockAddrInSize", 16)
                .containsEntry("_getIbvRecvWRSize", 32)
                .containsEntry("_getIbvSendWRSize", 128)
                .containsEntry("_getIbvSgeSize", 16)
                .containsEntry("_getIbvWCSize", 48)
                .containsEntry("_getRemoteAddressOffset", 40)
                .containsEntry("_getRKeyOffset", 48);
    }

    private static Object call(Object dispatcher, Method method) {
        try {
            return method.invoke(dispatcher);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(String.valueOf(e.getMessage()), e);
        }
    }

    @Test
    void saysWhatIsMissing() {
        assumeTrue(!Files.exists(Path.of("/dev/infiniband/rdma_cm")), "this host has RDMA");
        assertThatThrownBy(() -> VerbsLibrary.open(Optional.empty()))
                .isInstanceOfSatisfying(
                        RdmaException.class,
                        e -> assertThat(e.code()).isEqualTo(RdmaException.NO_DEVICE));
        // And again: a device can come later, so it is looked for again.
        assertThatThrownBy(() -> VerbsLibrary.open(Optional.empty()))
                .isInstanceOfSatisfying(
                        RdmaException.class,
                        e -> assertThat(e.code()).isEqualTo(RdmaException.NO_DEVICE));
    }
}
