package io.memfabric.agent.balloon;

import io.memfabric.agent.lending.Lending;
import io.memfabric.agent.policy.LendableMemory;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import java.lang.System.Logger.Level;

/// Keeps the regions within what may be lent: grows in small steps and only when told to, shrinks at
/// once.
final class LendingBound {

    private static final System.Logger LOG = System.getLogger(LendingBound.class.getName());
    private static final long REGION = FabricLimits.REGION.bytes();

    /// Regions are zeroed when they are made: so many fit into a tick beside everything else.
    private static final long GROWTH = 4 * REGION;

    /// A host's free memory never stands still; without this a region would come and go.
    private static final long SLACK = MemorySize.ofMib(8).bytes();

    private final Lending lending;
    private final long reserveBytes;
    private long shortBytes;
    private int looksShort;

    LendingBound(Lending lending, long reserveBytes) {
        this.lending = lending;
        this.reserveBytes = reserveBytes;
    }

    /// Free regions, which can be given up at once.
    long dissolvableBytes() {
        return lending.offered().minusOrZero(lending.lent()).bytes();
    }

    /// Dissolves free regions where the host could not give so much back from its reserve.
    void makeRoom(long neededBytes, long availableBytes) {
        long missing = neededBytes + reserveBytes - availableBytes;
        if (missing > 0 && dissolvableBytes() > 0) {
            lending.resizeTo(MemorySize.ofBytes(Math.max(0, lending.offered().bytes() - missing)));
        }
    }

    /// @param mayGrow whether new regions may be made
    void apply(long availableBytes, long harvestedBytes, long limitBytes, boolean mayGrow) {
        long offered = lending.offered().bytes();
        long lendable =
                new LendableMemory(
                                harvestedBytes, availableBytes, offered, reserveBytes, limitBytes)
                        .size()
                        .bytes();
        if (lendable < offered) {
            lending.resizeTo(MemorySize.ofBytes(lendable));
        } else if (mayGrow && lendable - SLACK >= offered + REGION) {
            lending.resizeTo(MemorySize.ofBytes(Math.min(lendable - SLACK, offered + GROWTH)));
        }
        noteShortage(lendable);
    }

    /// Claimed regions are never taken from their grant here; that this host lends more than it may
    /// is in its report from the second look on, and the broker recalls it.
    private void noteShortage(long lendable) {
        long lent = lending.lent().bytes();
        looksShort = lent > lendable + SLACK ? looksShort + 1 : 0;
        shortBytes = looksShort < 2 ? 0 : lent - lendable;
        if (looksShort == 2) {
            LOG.log(
                    Level.WARNING,
                    "lent_beyond_lendable: {0} MiB are lent, {1} MiB could be",
                    lent >> 20,
                    lendable >> 20);
        }
    }

    MemoryReport report(HostEyes.Memory host, long harvestedBytes) {
        return new MemoryReport(
                host.totalBytes(),
                host.availableBytes(),
                reserveBytes,
                harvestedBytes,
                lending.offered().bytes(),
                lending.lent().bytes(),
                shortBytes);
    }
}
