package io.memfabric.benchmark;

import io.memfabric.agent.rdma.QueuePair;
import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.agent.rdma.RdmaListener;
import io.memfabric.agent.rdma.Verbs;
import io.memfabric.agent.rdma.VerbsLibrary;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.FutureTask;

/// What a prepared verb call costs, from the agent through DiSNI and the native half and back: a read
/// is posted and its completion is polled, two calls, on verbs of one process whose device is a lock
/// and no transfer. The lock's share is in the figure.
///
/// Prints `SAMPLE verb_call_us VALUE` for each round.
final class VerbCallBench {

    private static final int ROUNDS = 9;
    private static final int WARM_UPS = 5;
    private static final int PAIRS = 300_000;
    private static final double CALLS = 2.0 * PAIRS;
    private static final int SLOTS = 64;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private VerbCallBench() {}

    /// Runs it.
    ///
    /// @param arguments the native half that is linked with verbs of one process
    static void run(List<String> arguments) throws Exception {
        if (arguments.size() != 1) {
            throw new IllegalArgumentException("usage: verb-call LIBRARY");
        }
        Verbs verbs = VerbsLibrary.open(Optional.of(Path.of(arguments.getFirst())));
        try (Arena arena = Arena.ofShared();
                RdmaListener listener =
                        verbs.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            FutureTask<QueuePair> accepting =
                    new FutureTask<>(
                            () -> listener.next(PATIENCE).orElseThrow().accept(1, PATIENCE));
            Thread.ofPlatform().daemon().start(accepting);
            QueuePair pair = verbs.connect(listener.address(), SLOTS, PATIENCE);
            QueuePair peer = accepting.get();
            long memory = arena.allocate(4096, 4096).address();
            int key = pair.register(memory, 4096, QueuePair.Access.LOCAL).localKey();
            for (double sample : measure(pair, memory, key)) {
                System.out.println(String.format(Locale.ROOT, "SAMPLE verb_call_us %.4f", sample));
            }
            pair.close();
            peer.close();
        }
    }

    private static List<Double> measure(QueuePair pair, long memory, int key) throws RdmaException {
        List<Double> samples = new ArrayList<>();
        for (int round = -WARM_UPS; round < ROUNDS; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < PAIRS; i++) {
                // Of no bytes: what the device does is not what is measured.
                pair.read(i % SLOTS, memory, key, memory, 1, 0);
                int count = pair.poll();
                if (count != 1 || pair.status(0) != 0) {
                    throw new IllegalStateException("a read was not completed");
                }
            }
            double micros = (System.nanoTime() - start) / 1000.0 / CALLS;
            if (round >= 0) {
                samples.add(micros);
            }
        }
        return samples;
    }
}
