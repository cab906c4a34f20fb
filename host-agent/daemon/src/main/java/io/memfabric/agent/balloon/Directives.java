package io.memfabric.agent.balloon;

import io.memfabric.contract.vocabulary.HarvestMode;
import java.time.Duration;
import java.util.function.LongSupplier;

/// The broker's last word to this host. Before the first one the host only observes.
public final class Directives {

    /// Longer without a word from the broker, nothing more is taken.
    private static final Duration FRESH = Duration.ofSeconds(10);

    private final LongSupplier nanos;
    private HarvestMode mode = HarvestMode.OBSERVE;
    private long lendLimitBytes;
    private boolean heard;
    private long heardAt;

    public Directives() {
        this(System::nanoTime);
    }

    /// @param nanos a clock like [System#nanoTime]
    Directives(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /// Notes what the broker said.
    public synchronized void said(HarvestMode newMode, long newLendLimitBytes) {
        mode = newMode;
        lendLimitBytes = newLendLimitBytes;
        heard = true;
        heardAt = nanos.getAsLong();
    }

    /// The mode that the broker last gave.
    public synchronized HarvestMode mode() {
        return mode;
    }

    synchronized long lendLimitBytes() {
        return lendLimitBytes;
    }

    /// Whether the broker was heard lately.
    synchronized boolean isFresh() {
        return heard && nanos.getAsLong() - heardAt < FRESH.toNanos();
    }
}
