package io.memfabric.agent.borrowing;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A grant's kept memory: its key, its counters and what is known of every page. One thread at a
/// time takes counters; the rest is for any thread that holds the pages, see [PageClaims].
final class KeptGrant {

    static final String METADATA_UNUSABLE = "metadata_unusable";

    /// How many counters are set aside with one store.
    static final long COUNTERS = 1 << 20;

    private static final long FIRST_KEY_GENERATION = 1;

    private final KeptMemory memory;
    private final KeptLayout layout;
    private final UUID grantId;
    private long counter;
    private long highWater;

    private KeptGrant(KeptMemory memory, KeptLayout layout, UUID grantId) {
        this.memory = memory;
        this.layout = layout;
        this.grantId = grantId;
        counter = memory.getLong(KeptLayout.COUNTER_HIGH_WATER);
        highWater = counter;
    }

    /// Makes zeroed memory a grant's, all of whose pages read as zeros.
    ///
    /// @param tenantId whose the grant is, where that is known
    static KeptGrant begin(
            KeptMemory memory, UUID grantId, @Nullable UUID tenantId, long sizeBytes, long epoch) {
        KeptLayout layout = new KeptLayout(sizeBytes);
        memory.putLong(KeptLayout.TOTAL_BYTES, layout.totalBytes());
        memory.putLong(KeptLayout.GRANT_HIGH, grantId.getMostSignificantBits());
        memory.putLong(KeptLayout.GRANT_LOW, grantId.getLeastSignificantBits());
        memory.putLong(KeptLayout.SIZE, sizeBytes);
        memory.putLong(KeptLayout.EPOCH, epoch);
        memory.putLong(KeptLayout.KEY_GENERATION, FIRST_KEY_GENERATION);
        SecureRandom kernel = kernelRandom();
        for (int i = 0; i < KeptLayout.KEY_BYTES; i += Long.BYTES) {
            memory.putLong(KeptLayout.KEY + i, kernel.nextLong());
        }
        if (tenantId != null) {
            memory.putLong(KeptLayout.TENANT_HIGH, tenantId.getMostSignificantBits());
            memory.putLong(KeptLayout.TENANT_LOW, tenantId.getLeastSignificantBits());
        }
        memory.putLong(KeptLayout.MAGIC, KeptLayout.MAGIC_AND_VERSION);
        return new KeptGrant(memory, layout, grantId);
    }

    private static SecureRandom kernelRandom() {
        try {
            return SecureRandom.getInstance("NativePRNGNonBlocking");
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK does not offer the kernel's generator", e);
        }
    }

    /// Takes up a grant where an earlier process left it.
    ///
    /// @throws BorrowingException `metadata_unusable` where the memory is not this grant's, of this
    ///     size, whole and of this version: without it no page can be read, and none is invented
    static KeptGrant resume(KeptMemory memory, UUID grantId, long sizeBytes, long epoch)
            throws BorrowingException {
        KeptLayout layout = new KeptLayout(sizeBytes);
        check(memory.bytes() >= KeptLayout.PAGE, "is shorter than its header");
        long magic = memory.getLong(KeptLayout.MAGIC);
        check(
                magic != Long.reverseBytes(KeptLayout.MAGIC_AND_VERSION),
                "is of a machine with another order of bytes");
        check(magic == KeptLayout.MAGIC_AND_VERSION, "is not kept state of this version");
        check(
                memory.getLong(KeptLayout.GRANT_HIGH) == grantId.getMostSignificantBits()
                        && memory.getLong(KeptLayout.GRANT_LOW)
                                == grantId.getLeastSignificantBits(),
                "is another grant's");
        check(memory.getLong(KeptLayout.SIZE) == sizeBytes, "is of a device of another size");
        check(
                memory.getLong(KeptLayout.TOTAL_BYTES) == layout.totalBytes()
                        && memory.bytes() == layout.totalBytes(),
                "is not of the length that it should have");
        check(memory.getLong(KeptLayout.EPOCH) <= epoch, "is of a later epoch");
        long generation = memory.getLong(KeptLayout.KEY_GENERATION);
        check(generation > 0 && generation >>> Integer.SIZE == 0, "has no possible key generation");
        check(memory.getLong(KeptLayout.COUNTER_HIGH_WATER) >= 0, "has run out of counters");
        checkJournal(memory, layout);
        memory.putLong(KeptLayout.EPOCH, epoch);
        return new KeptGrant(memory, layout, grantId);
    }

    private static void checkJournal(KeptMemory memory, KeptLayout layout)
            throws BorrowingException {
        for (int entry = 0; entry < KeptLayout.ENTRIES; entry++) {
            long at = layout.entry(entry);
            long state = memory.getLong(at + KeptLayout.ENTRY_STATE);
            if (state == WriteJournal.FREE) {
                continue;
            }
            long first = memory.getLong(at + KeptLayout.ENTRY_FIRST);
            long count = memory.getLong(at + KeptLayout.ENTRY_COUNT);
            check(
                    state == WriteJournal.PENDING
                            && count > 0
                            && count <= KeptLayout.ENTRY_PAGES
                            && first >= 0
                            && first <= layout.pages() - count,
                    "has an impossible journal");
        }
    }

    private static void check(boolean good, String problem) throws BorrowingException {
        if (!good) {
            throw new BorrowingException(METADATA_UNUSABLE, "the kept state " + problem, null);
        }
    }

    UUID grantId() {
        return grantId;
    }

    /// Whose the grant is, in the 16 bytes of a UUID; none where that was not known when it began.
    byte[] tenant() {
        long high = memory.getLong(KeptLayout.TENANT_HIGH);
        long low = memory.getLong(KeptLayout.TENANT_LOW);
        return (high | low) == 0
                ? new byte[0]
                : ByteBuffer.allocate(2 * Long.BYTES).putLong(high).putLong(low).array();
    }

    KeptMemory memory() {
        return memory;
    }

    KeptLayout layout() {
        return layout;
    }

    int keyGeneration() {
        return (int) memory.getLong(KeptLayout.KEY_GENERATION);
    }

    /// A copy of the key, which the caller destroys.
    SealKey key() {
        long[] words = new long[KeptLayout.KEY_BYTES / Long.BYTES];
        for (int i = 0; i < words.length; i++) {
            words[i] = memory.getLong(KeptLayout.KEY + (long) i * Long.BYTES);
        }
        return new SealKey(words);
    }

    /// A counter that was never used under this key, neither by this process nor by an earlier one.
    long nextCounter() {
        if (counter == highWater) {
            highWater = Math.addExact(highWater, COUNTERS);
            memory.putLong(KeptLayout.COUNTER_HIGH_WATER, highWater);
        }
        return ++counter;
    }

    /// The counter under which a page was sealed last, 0 where it reads as zeros.
    long counter(long page) {
        return memory.getLong(layout.record(page));
    }

    long tagHigh(long page) {
        return memory.getLong(layout.record(page) + KeptLayout.TAG_HIGH);
    }

    long tagLow(long page) {
        return memory.getLong(layout.record(page) + KeptLayout.TAG_LOW);
    }

    /// Whether all these pages read as zeros.
    boolean areZeros(long first, long end) {
        for (long page = first; page < end; page++) {
            if (counter(page) != 0) {
                return false;
            }
        }
        return true;
    }

    /// Makes these pages read as zeros. Each is what it was or zeros at any instant, which is why this
    /// needs no journal.
    void dropPages(long first, long end) {
        for (long page = first; page < end; page++) {
            if (counter(page) != 0) {
                memory.putLong(layout.record(page), 0);
            }
        }
    }
}
