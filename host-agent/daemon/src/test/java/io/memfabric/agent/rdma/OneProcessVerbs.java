package io.memfabric.agent.rdma;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The agent's verbs through DiSNI and the native half, on a librdmacm and libibverbs of one process:
/// everything but the device.
public final class OneProcessVerbs {

    private static final List<String> KINDS =
            List.of("channel", "id", "qp", "context", "pd", "completion channel", "cq", "mr");

    private static @Nullable Verbs verbs;

    private OneProcessVerbs() {}

    private static Path library() {
        Path library = VerbsLibrary.bundled().resolveSibling("fake").resolve(VerbsLibrary.FILE);
        assumeTrue(
                Files.isRegularFile(library),
                "the headers of rdma-core are not there, so the native half was not built");
        return library;
    }

    /// The verbs; a process has them once.
    public static synchronized Verbs open() throws ReflectiveOperationException {
        Verbs known = verbs;
        if (known == null) {
            known =
                    (Verbs)
                            new VerbsLoader(library())
                                    .loadClass("io.memfabric.agent.rdma.disni.DisniVerbs")
                                    .getDeclaredConstructor()
                                    .newInstance();
            verbs = known;
        }
        return known;
    }

    /// What is live in the native half, but for what lives as long as the process.
    public static List<String> leftovers() throws Throwable {
        List<String> found = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle count =
                    Linker.nativeLinker()
                            .downcallHandle(
                                    SymbolLookup.libraryLookup(library(), arena)
                                            .findOrThrow("memfabric_live_objects"),
                                    FunctionDescriptor.of(
                                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            for (int kind = 0; kind < KINDS.size(); kind++) {
                String name = KINDS.get(kind);
                int live = (int) count.invokeExact(kind + 1);
                if (live > 0 && !name.equals("channel") && !name.equals("context")) {
                    found.add(live + " " + name);
                }
            }
        }
        return found;
    }

    /// Takes the one device's link down or up.
    ///
    /// @return how many messages of the connection manager were sent without one since the last call
    public static int link(boolean up) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle link =
                    Linker.nativeLinker()
                            .downcallHandle(
                                    SymbolLookup.libraryLookup(library(), arena)
                                            .findOrThrow("memfabric_fake_link"),
                                    FunctionDescriptor.of(
                                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            return (int) link.invokeExact(up ? 1 : 0);
        }
    }
}
