package io.memfabric.agent.rdma;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Loads DiSNI and what uses it, so that DiSNI's `loadLibrary("disni")` gets the file that we chose,
/// by its absolute path. The search path of libraries is fixed when a JVM starts, and asking the
/// class loader first is the one hook before it.
final class VerbsLoader extends ClassLoader {

    private static final String OURS = "io.memfabric.agent.rdma.disni.";
    private static final String DISNI = "com.ibm.disni.";

    private final Path library;

    VerbsLoader(Path library) {
        super("verbs", VerbsLoader.class.getClassLoader());
        this.library = library.toAbsolutePath();
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS) && !name.startsWith(DISNI)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            return known != null ? known : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = in.readAllBytes();
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    @Override
    protected @Nullable String findLibrary(String name) {
        return name.equals("disni") ? library.toString() : null;
    }
}
