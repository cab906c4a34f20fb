package io.memfabric.agent.borrowing;

import io.memfabric.agent.lending.Lender;
import java.nio.ByteBuffer;
import java.util.UUID;

/// Whatever an earlier process, another version or a broken machine left as a grant's kept memory:
/// it is taken up whole, or refused; no counter is used again and nothing beyond it is touched.
public final class KeptGrantFuzz {

    private static final UUID GRANT = new UUID(1, 2);
    private static final long SIZE = 64 << 20;
    private static final long PATCHES = 64;

    private KeptGrantFuzz() {}

    /// The input patches a good one, a word at a time: two bytes of place, eight of value.
    public static void fuzzerTestOneInput(byte[] input) {
        RecordedMemory memory = new RecordedMemory(new KeptLayout(SIZE).totalBytes());
        KeptGrant.begin(memory, GRANT, Lender.TENANT, SIZE, 3);
        ByteBuffer patches = ByteBuffer.wrap(input);
        long words = memory.bytes() / Long.BYTES;
        for (int i = 0; i < PATCHES && patches.remaining() >= 10; i++) {
            // The header is met often, the journal and the records now and then.
            int place = patches.getShort() & 0xffff;
            long word = place < 512 ? place : place * 7919L % words;
            memory.putLong(word * Long.BYTES, patches.getLong());
        }
        long highWater = memory.getLong(KeptLayout.COUNTER_HIGH_WATER);
        try {
            KeptGrant grant = KeptGrant.resume(memory, GRANT, SIZE, 3);
            long counter = grant.nextCounter();
            if (counter <= highWater) {
                throw new AssertionError("counter " + counter + " may have been used");
            }
            grant.areZeros(0, grant.layout().pages());
            grant.dropPages(0, grant.layout().pages());
        } catch (BorrowingException | ArithmeticException e) {
            // What such a memory gets; counters that ran out are an error of their own.
        }
    }
}
