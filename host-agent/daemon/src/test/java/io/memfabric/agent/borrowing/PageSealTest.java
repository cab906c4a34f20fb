package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.lending.Lender;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The format, against values that another implementation (OpenSSL, through Python's
/// `cryptography`) made from the description in [PageSeal].
class PageSealTest {

    private static final UUID GRANT = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final long PAGE = 20_000;
    private static final long COUNTER = 0x0102030405060708L;

    private static final String KNOWN_BEGIN =
            "ee22deb816c7071108b0375bee3e2600aa10ce270a1cecccfb655d7e3f13ad53";
    private static final String KNOWN_TAG = "884f4176fbb7305c561941fe6ac9f1e4";

    /// That of a grant of which it was not known, when it began, whose it is.
    private static final String KNOWN_TAG_WITHOUT_TENANT = "bc828447b2256de963eb9c9e005c02c3";

    private static KeptGrant grant(@Nullable UUID tenant) throws BorrowingException {
        long size = 2 * RemoteDisk.EXTENT;
        RecordedMemory memory = new RecordedMemory(new KeptLayout(size).totalBytes());
        KeptGrant.begin(memory, GRANT, tenant, size, 1);
        for (int i = 0; i < 4; i++) {
            memory.putLong(KeptLayout.KEY + 8L * i, 0x0001020304050607L + i * 0x0808080808080808L);
        }
        memory.putLong(KeptLayout.KEY_GENERATION, 7);
        return KeptGrant.resume(memory, GRANT, size, 1);
    }

    private static ByteBuffer page() {
        ByteBuffer page = ByteBuffer.allocateDirect(KeptLayout.PAGE);
        for (int i = 0; i < KeptLayout.PAGE; i++) {
            page.put(i, (byte) (i * 31 + 7));
        }
        return page;
    }

    @Test
    void sealsAsDescribed() throws Exception {
        assertSeals(grant(Lender.TENANT), KNOWN_TAG);
    }

    @Test
    void sealsGrantsOfNobodyKnownAsBefore() throws Exception {
        assertSeals(grant(null), KNOWN_TAG_WITHOUT_TENANT);
    }

    private static void assertSeals(KeptGrant grant, String tag) {
        PageSeal seal = new PageSeal(grant, grant.key());
        ByteBuffer page = page();
        seal.seal(page, 0, PAGE, COUNTER);
        byte[] begin = new byte[32];
        page.get(0, begin);
        assertThat(HexFormat.of().formatHex(begin)).isEqualTo(KNOWN_BEGIN);
        assertThat(HexFormat.of().toHexDigits(seal.tagHigh())).isEqualTo(tag.substring(0, 16));
        assertThat(HexFormat.of().toHexDigits(seal.tagLow())).isEqualTo(tag.substring(16));
    }

    @Test
    void opensWhatItSealedAndNothingElse() throws Exception {
        KeptGrant grant = grant(Lender.TENANT);
        PageSeal seal = new PageSeal(grant, grant.key());
        ByteBuffer page = page();
        seal.seal(page, 0, PAGE, COUNTER);
        PageRecord record = new PageRecord();
        record.counter = COUNTER;
        record.tagHigh = seal.tagHigh();
        record.tagLow = seal.tagLow();
        ByteBuffer sealed = ByteBuffer.allocate(KeptLayout.PAGE).put(0, page, 0, KeptLayout.PAGE);

        assertThat(seal.open(page, 0, PAGE + 1, record)).isFalse();
        KeptGrant others = grant(new UUID(1, 2));
        assertThat(new PageSeal(others, others.key()).open(page, 0, PAGE, record)).isFalse();
        record.counter++;
        assertThat(seal.open(page, 0, PAGE, record)).isFalse();
        record.counter--;
        record.tagLow ^= 1;
        assertThat(seal.open(page, 0, PAGE, record)).isFalse();
        record.tagLow ^= 1;
        assertThat(page).isEqualTo(sealed);
        assertThat(seal.open(page, 0, PAGE, record)).isTrue();
        assertThat(page).isEqualTo(page());
    }
}
