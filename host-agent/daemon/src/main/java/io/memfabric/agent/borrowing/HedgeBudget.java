package io.memfabric.agent.borrowing;

/// Keeps hedges below a twentieth of the reads. For the keeper.
final class HedgeBudget {

    private static final long READS_PER_HEDGE = 20;
    private static final long MOST_SAVED = 20;

    private final MirrorCounts counts;
    private long counted;
    private long saved = MOST_SAVED * READS_PER_HEDGE;

    HedgeBudget(MirrorCounts counts) {
        this.counts = counts;
    }

    /// Takes note of all reads so far.
    void reads(long total) {
        saved = Math.min(saved + total - counted, MOST_SAVED * READS_PER_HEDGE);
        counted = total;
    }

    boolean mayHedge() {
        if (saved < READS_PER_HEDGE) {
            return false;
        }
        saved -= READS_PER_HEDGE;
        counts.hedges.incrementAndGet();
        return true;
    }
}
