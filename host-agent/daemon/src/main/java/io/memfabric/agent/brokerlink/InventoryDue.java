package io.memfabric.agent.brokerlink;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Whether a full inventory is due before its time.
final class InventoryDue {

    private final Semaphore permit = new Semaphore(0);

    /// Makes one due. Does not wait.
    void release() {
        if (permit.availablePermits() == 0) {
            permit.release();
        }
    }

    boolean isDue() {
        return permit.availablePermits() > 0;
    }

    void taken() {
        var _ = permit.drainPermits();
    }

    /// Waits until one is due.
    ///
    /// @return false where none is by then
    boolean await(long nanoTime) throws InterruptedException {
        return permit.tryAcquire(nanoTime - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
}
