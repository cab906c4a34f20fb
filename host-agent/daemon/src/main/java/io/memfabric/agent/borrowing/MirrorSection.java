package io.memfabric.agent.borrowing;

import io.memfabric.agent.policy.MirrorState.Standing;
import io.memfabric.contract.agent.ExtentPlan;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.function.LongPredicate;

/// What must be known of a grant's mirrors after the process died: which legs can be trusted, and
/// which pages the others lack. It lies in the grant's kept memory. All zeros is what a fresh grant
/// begins with: in sync, nothing lacking.
///
/// | Word of an extent | What |
/// |---|---|
/// | 0 | both standings, 4 bits a leg, stored as one; above them a bit for each leg that was dropped |
/// | 1, 2 | which region each leg is, so that no other one is taken for it |
/// | from 8 on | a bit for each page that the first leg lacks, then for the second |
final class MirrorSection {

    private static final int LEGS = 2;
    private static final int LEG_BITS = 4;
    private static final int LEG_MASK = (1 << LEG_BITS) - 1;
    private static final int DROPPED = LEGS * LEG_BITS;
    private static final long ALL_DROPPED = 3L << DROPPED;
    private static final int OUT = 1;
    private static final int RESYNC = 2;

    private final KeptMemory memory;
    private final long start;

    private MirrorSection(KeptMemory memory, long start) {
        this.memory = memory;
        this.start = start;
    }

    /// The section in a grant's kept memory.
    static MirrorSection of(KeptGrant grant) {
        return new MirrorSection(grant.memory(), grant.layout().mirror(0));
    }

    /// A section that ends with the process.
    static MirrorSection unkept(int extents) {
        return new MirrorSection(new HeapWords((long) extents * KeptLayout.MIRROR_EXTENT), 0);
    }

    /// Takes up what was recorded for the legs of a plan. A leg that is not the one recorded is an
    /// empty region: the process that put it there died before all of that was written down.
    ///
    /// @param mayHoldData which pages of the device a region must have
    /// @throws BorrowingException where no leg of an extent has everything
    void adopt(List<ExtentPlan> extents, LongPredicate mayHoldData) throws BorrowingException {
        for (int extent = 0; extent < extents.size(); extent++) {
            for (int leg = 0; leg < LEGS; leg++) {
                long found = identityOf(extents.get(extent).legs().get(leg).exportName());
                if (memory.getLong(identity(extent, leg)) != found) {
                    adopt(extent, leg, found, mayHoldData);
                }
            }
            if (standing(extent, 0) != Standing.IN_SYNC
                    && standing(extent, 1) != Standing.IN_SYNC) {
                throw new BorrowingException(
                        "copies_lost", "no copy of extent " + extent + " has all its pages", null);
            }
        }
    }

    private void adopt(int extent, int leg, long found, LongPredicate mayHoldData) {
        if (memory.getLong(identity(extent, leg)) != 0) {
            DirtyPages missing = dirtyPages(extent, leg);
            long first = (long) extent * DirtyPages.PAGES;
            missing.addAll(page -> mayHoldData.test(first + page));
            Standing other = standing(extent, 1 - leg);
            record(extent, leg == 0 ? Standing.OUT : other, leg == 0 ? other : Standing.OUT);
        }
        memory.putLong(identity(extent, leg), found);
    }

    /// What was last recorded of a leg.
    Standing standing(int extent, int leg) {
        return switch ((int) (memory.getLong(at(extent)) >>> (leg * LEG_BITS)) & LEG_MASK) {
            case 0 -> Standing.IN_SYNC;
            case RESYNC -> Standing.RESYNC;
            default -> Standing.OUT;
        };
    }

    /// Records both legs of an extent in one store.
    void record(int extent, Standing first, Standing second) {
        long dropped = memory.getLong(at(extent)) & ALL_DROPPED;
        memory.putLong(at(extent), dropped | code(first) | code(second) << LEG_BITS);
    }

    /// Records that a leg's region is another's soon: whatever it has, it is not this leg's any more.
    void drop(int extent, int leg) {
        memory.putLong(at(extent), memory.getLong(at(extent)) | 1L << (DROPPED + leg));
    }

    boolean isDropped(int extent, int leg) {
        return (memory.getLong(at(extent)) >>> (DROPPED + leg) & 1) != 0;
    }

    private static long code(Standing standing) {
        return switch (standing) {
            case IN_SYNC -> 0;
            case OUT -> OUT;
            case RESYNC -> RESYNC;
        };
    }

    /// Records that a leg is another region now. What that one lacks is noted before.
    void identify(int extent, int leg, String exportName) {
        memory.putLong(identity(extent, leg), identityOf(exportName));
        memory.putLong(at(extent), memory.getLong(at(extent)) & ~(1L << (DROPPED + leg)));
    }

    private static long identityOf(String exportName) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] hash = digest.digest(exportName.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(hash).getLong() | 1;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    /// The pages that a leg lacks.
    DirtyPages dirtyPages(int extent, int leg) {
        return new DirtyPages(
                memory,
                at(extent) + KeptLayout.MIRROR_STATES + (long) leg * KeptLayout.MIRROR_BITMAP);
    }

    private long at(int extent) {
        return start + (long) extent * KeptLayout.MIRROR_EXTENT;
    }

    private long identity(int extent, int leg) {
        return at(extent) + (1L + leg) * Long.BYTES;
    }
}
