package io.memfabric.agent.borrowing;

import java.util.concurrent.atomic.AtomicLong;

/// What mirrors did, for whoever wants to know.
final class MirrorCounts {
    final AtomicLong hedges = new AtomicLong();
    final AtomicLong wonHedges = new AtomicLong();
    final AtomicLong refusedReads = new AtomicLong();
    final AtomicLong copiedBytes = new AtomicLong();
    final AtomicLong scrubbedBytes = new AtomicLong();
    final AtomicLong repairedBytes = new AtomicLong();
}
