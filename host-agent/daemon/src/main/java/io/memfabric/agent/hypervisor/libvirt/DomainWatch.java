package io.memfabric.agent.hypervisor.libvirt;

import io.memfabric.agent.hypervisor.Exclusion;
import io.memfabric.agent.hypervisor.VirtualMachine.BalloonStatistics;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What is remembered of one domain between two looks at it. Times are [System#nanoTime].
final class DomainWatch {

    /// A guest's first statistics come before its own start-up has taken the memory it needs.
    private static final Duration SETTLING = Duration.ofSeconds(3);

    private static final Duration JOB_FRESH = Duration.ofSeconds(10);
    private static final Duration FACTS_FRESH = Duration.ofSeconds(5);
    private static final Duration PERIOD_RETRY = Duration.ofSeconds(5);

    private int runId = -1;
    private boolean running;
    private @Nullable BalloonStatistics statistics;
    private long firstStatisticsAt;
    private @Nullable DomainFacts facts;
    private @Nullable Long ceilingBytes;
    private long factsAt;
    private boolean periodWanted;
    private long periodTriedAt;
    private boolean job;
    private long jobAt;
    private boolean jobKnown;

    /// Notes a look at the domain. A new run or a resume forgets what was true of the one before.
    synchronized void seen(int nowRunId, boolean nowRunning, long now) {
        if (nowRunId != runId) {
            statistics = null;
            facts = null;
            ceilingBytes = null;
            jobKnown = false;
        }
        if (nowRunning && (nowRunId != runId || !running)) {
            periodWanted = true;
            periodTriedAt = now - PERIOD_RETRY.toNanos();
        }
        runId = nowRunId;
        running = nowRunning;
    }

    synchronized void statistics(BalloonStatistics fresh, long now) {
        if (statistics == null) {
            firstStatisticsAt = now;
        }
        statistics = fresh;
    }

    synchronized @Nullable BalloonStatistics statistics() {
        return statistics;
    }

    synchronized @Nullable DomainFacts facts() {
        return facts;
    }

    /// @param ceiling the memory that the domain's definition gives it, or null without one
    synchronized void facts(DomainFacts fresh, @Nullable Long ceiling, long now) {
        facts = fresh;
        ceilingBytes = ceiling;
        factsAt = now;
    }

    /// The memory that the operator lets the domain have.
    synchronized long ceilingBytes(long maxBytes) {
        Long defined = ceilingBytes;
        return defined == null || defined <= 0 ? maxBytes : Math.min(defined, maxBytes);
    }

    synchronized boolean factsAreDue(long now) {
        return facts == null || now - factsAt > FACTS_FRESH.toNanos();
    }

    synchronized void job(boolean underWay, long now) {
        job = underWay;
        jobAt = now;
        jobKnown = true;
    }

    /// Whether to try now to set the statistics period; a try counts until the next is due.
    synchronized boolean takePeriodTry(long now) {
        if (!periodWanted || now - periodTriedAt < PERIOD_RETRY.toNanos()) {
            return false;
        }
        periodTriedAt = now;
        return true;
    }

    synchronized void periodSet() {
        periodWanted = false;
    }

    /// Why the running domain's memory must be left alone, or null.
    synchronized @Nullable Exclusion exclusion(long now) {
        DomainFacts known = facts;
        if (known == null || !jobKnown || now - jobAt > JOB_FRESH.toNanos()) {
            return Exclusion.NOT_EXAMINED;
        }
        if (known.fixedExclusion() != null) {
            return known.fixedExclusion();
        }
        if (job) {
            return Exclusion.MIGRATING;
        }
        if (statistics == null) {
            return Exclusion.NO_STATISTICS;
        }
        return now - firstStatisticsAt < SETTLING.toNanos() ? Exclusion.BOOTING : null;
    }
}
