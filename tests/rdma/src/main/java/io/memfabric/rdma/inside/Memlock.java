package io.memfabric.rdma.inside;

import static io.memfabric.rdma.inside.Checks.require;

import io.memfabric.agent.rdma.RdmaException;
import java.util.concurrent.TimeUnit;

/// A process that may pin hardly anything.
final class Memlock {

    private static final int MIB = 1 << 20;
    private static final long START = TimeUnit.SECONDS.toNanos(60);

    private Memlock() {}

    static void run() {
        Checks.check("memlock", Memlock::refused);
    }

    private static String refused() throws InterruptedException {
        long end = System.nanoTime() + START;
        while (true) {
            try (VerbsPeer _ = VerbsPeer.connect(Place.data(1), 1, MIB)) {
                throw new AssertionError("1 MiB was registered");
            } catch (RdmaException e) {
                if (e.code().equals(RdmaException.MEMLOCK)) {
                    return e.code() + ": " + e.getMessage();
                }
                // The lender is not up yet.
                require(System.nanoTime() - end < 0, e.code() + ": " + e.getMessage());
                Thread.sleep(200);
            }
        }
    }
}
