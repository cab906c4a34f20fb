package io.memfabric.agent.brokerlink;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/// The latest term under which a broker served this host. A broker of an older one was paused while
/// another took its place: nothing that it says holds. The term outlives the agent, in a file.
final class BrokerTerm {

    private static final System.Logger LOG = System.getLogger(BrokerTerm.class.getName());

    private final Path file;
    private final UUID hostId;
    private long latest;

    private BrokerTerm(Path file, UUID hostId, long latest) {
        this.file = file;
        this.hostId = hostId;
        this.latest = latest;
    }

    /// Reads the term of this host; a file of another identity, or one that is not whole, says
    /// nothing.
    static BrokerTerm load(Path file, UUID hostId) {
        long latest = 0;
        try {
            String[] words = Files.readString(file).strip().split(" ", -1);
            if (words.length == 2 && words[0].equals(hostId.toString())) {
                latest = Math.max(0, Long.parseLong(words[1]));
            }
        } catch (IOException | NumberFormatException e) {
            LOG.log(Level.DEBUG, "no term is known: {0}", e.toString());
        }
        return new BrokerTerm(file, hostId, latest);
    }

    /// Whether what was said under this term holds, and remembers it where it is the latest.
    synchronized boolean admits(long term) {
        if (term > latest) {
            latest = term;
            store();
        }
        return term == latest;
    }

    synchronized long latest() {
        return latest;
    }

    private void store() {
        try {
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(fresh, hostId + " " + latest + "\n");
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the broker''s term is not kept: {0}", e.toString());
        }
    }
}
