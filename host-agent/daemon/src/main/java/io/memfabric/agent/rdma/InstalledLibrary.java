package io.memfabric.agent.rdma;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A native half that the settings name. Its code runs in the agent, so it has to be a file that
/// nobody but root and the agent's own user can have put there.
final class InstalledLibrary {

    private static final int WRITABLE_BY_OTHERS = 0002;
    private static final int STICKY = 01000;

    private InstalledLibrary() {}

    /// @throws RdmaException with [RdmaException#NO_LIBRARY] where it is not to be loaded
    static void requireTrusted(Path library) throws RdmaException {
        if (!library.isAbsolute()) {
            throw refused(library, "is no absolute path");
        }
        if (!Files.isRegularFile(library)) {
            throw refused(library, Files.exists(library) ? "is no file" : "is not there");
        }
        try {
            requireSafePlace(library);
            // What the name leads to is what is loaded.
            requireSafePlace(library.toRealPath());
        } catch (IOException e) {
            throw refused(library, "cannot be looked at: " + e.getMessage());
        }
    }

    private static void requireSafePlace(Path file) throws IOException {
        int owner = number(file, "uid");
        if (owner != 0 && owner != number(Path.of("/proc/self"), "uid")) {
            throw refused(file, "belongs to user " + owner + ", neither to root nor to this agent");
        }
        if ((number(file, "mode") & WRITABLE_BY_OTHERS) != 0) {
            throw refused(file, "can be written by everybody: chmod o-w");
        }
        for (Path folder = file.getParent(); folder != null; folder = folder.getParent()) {
            int mode = number(folder, "mode");
            if ((mode & WRITABLE_BY_OTHERS) != 0 && (mode & STICKY) == 0) {
                throw refused(file, "can be replaced by everybody: chmod o-w " + folder);
            }
        }
    }

    private static int number(Path path, String attribute) throws IOException {
        return (Integer) Files.getAttribute(path, "unix:" + attribute);
    }

    private static RdmaException refused(Path library, String why) {
        return new RdmaException(
                RdmaException.NO_LIBRARY, "the native library " + library + " " + why);
    }
}
