package io.memfabric.agent.rdma;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds and loads the native half of the verbs, once a process: where it failed, it fails the same
/// way again without trying.
public final class VerbsLibrary {

    /// The file name of our own native half.
    public static final String FILE = "libmemfabric-disni.so";

    /// Names another file, for tests.
    private static final String PROPERTY = "memfabric.rdma.library";

    private static final String LOGGING = "slf4j.internal.verbosity";
    private static final String PROVIDER = "io.memfabric.agent.rdma.disni.DisniVerbs";

    private static @Nullable Path chosen;
    private static @Nullable Constructor<?> provider;
    private static @Nullable String failure;
    private static @Nullable Verbs verbs;

    private VerbsLibrary() {}

    /// Where our own library lies: beside the agent's jar.
    public static Path bundled() {
        String named = System.getProperty(PROPERTY);
        if (named != null) {
            return Path.of(named);
        }
        try {
            CodeSource source = VerbsLibrary.class.getProtectionDomain().getCodeSource();
            if (source != null) {
                Path jar = Path.of(source.getLocation().toURI());
                return jar.resolveSibling("lib").resolve(FILE);
            }
        } catch (URISyntaxException e) {
            // Falls through: a place that is no file has nothing beside it.
        }
        return Path.of("/nonexistent", FILE);
    }

    /// Refuses an installed library that is not to be loaded. Needs no device.
    ///
    /// @throws RdmaException with [RdmaException#NO_LIBRARY]
    public static void check(Optional<Path> library) throws RdmaException {
        if (library.isPresent()) {
            InstalledLibrary.requireTrusted(library.get());
        }
    }

    /// The verbs of this host. A process has them once, with one library.
    ///
    /// @param library an installed library to use instead of ours
    /// @throws RdmaException with [RdmaException#NO_LIBRARY], [RdmaException#NO_DEVICE] or
    ///     [RdmaException#NO_PERMISSION]
    public static synchronized Verbs open(Optional<Path> library) throws RdmaException {
        check(library);
        Path wanted = library.orElseGet(VerbsLibrary::bundled).toAbsolutePath().normalize();
        if (chosen != null && !chosen.equals(wanted)) {
            throw new RdmaException(
                    RdmaException.NO_LIBRARY,
                    "this process already uses " + chosen + " and cannot use " + wanted);
        }
        if (failure != null) {
            throw new RdmaException(RdmaException.NO_LIBRARY, failure);
        }
        Verbs known = verbs;
        if (known == null) {
            known = make(wanted);
            verbs = known;
        }
        return known;
    }

    /// A device can come later, a library that cannot be loaded does not.
    private static Verbs make(Path library) throws RdmaException {
        if (!Files.isRegularFile(library)) {
            throw new RdmaException(
                    RdmaException.NO_LIBRARY,
                    "there is no native library "
                            + library
                            + "; it is built where libibverbs-dev and librdmacm-dev are installed");
        }
        chosen = library;
        // DiSNI logs every object that it makes. Nobody listens, and SLF4J need not complain of
        // that.
        if (System.getProperty(LOGGING) == null) {
            System.setProperty(LOGGING, "ERROR");
        }
        try {
            Constructor<?> made = provider;
            if (made == null) {
                made = new VerbsLoader(library).loadClass(PROVIDER).getDeclaredConstructor();
                provider = made;
            }
            return (Verbs) made.newInstance();
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            throw cause instanceof RdmaException known
                    ? known
                    : unusable(library, cause == null ? e : cause);
        } catch (ReflectiveOperationException | LinkageError e) {
            throw unusable(library, e);
        }
    }

    private static RdmaException unusable(Path library, Throwable cause) {
        String found = "the native library " + library + " cannot be used: " + cause.getMessage();
        failure = found;
        return new RdmaException(RdmaException.NO_LIBRARY, found, cause);
    }
}
