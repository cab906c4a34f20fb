package io.memfabric.agent.rdma;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A process that opens its verbs with an installed library and reads a page of itself: a process has
/// verbs once, so a test of another library needs one of its own.
final class LibraryTrial {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int PAGE = 4096;

    private LibraryTrial() {}

    public static void main(String[] args) throws Exception {
        Verbs verbs = VerbsLibrary.open(Optional.of(Path.of(args[0])));
        System.out.println("loaded " + mapped(args[0]));
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Arena arena = Arena.ofShared();
                RdmaListener listener = verbs.listen(any)) {
            CompletableFuture<QueuePair> accepted =
                    CompletableFuture.supplyAsync(() -> accept(listener));
            QueuePair mine = verbs.connect(listener.address(), 1, PATIENCE);
            QueuePair theirs = accepted.join();
            MemorySegment there = arena.allocate(PAGE, PAGE).fill((byte) 0x5a);
            MemorySegment here = arena.allocate(PAGE, PAGE);
            var from = theirs.register(there.address(), PAGE, QueuePair.Access.PEER_READ);
            var to = mine.register(here.address(), PAGE, QueuePair.Access.LOCAL);
            mine.read(0, to.address(), to.localKey(), from.address(), from.remoteKey(), PAGE);
            if (mine.await(Duration.ZERO, PATIENCE) == 1
                    && mine.status(0) == 0
                    && here.get(ValueLayout.JAVA_BYTE, PAGE - 1) == 0x5a) {
                System.out.println("loopback READ of " + PAGE + " bytes");
            }
            mine.close();
            theirs.close();
        }
        System.exit(0);
    }

    /// The file as the kernel shows it among those of this process.
    private static String mapped(String library) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.endsWith(" " + library))
                .findFirst()
                .map(line -> library)
                .orElse("something else");
    }

    private static QueuePair accept(RdmaListener listener) {
        try {
            return listener.next(PATIENCE).orElseThrow().accept(1, PATIENCE);
        } catch (RdmaException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
