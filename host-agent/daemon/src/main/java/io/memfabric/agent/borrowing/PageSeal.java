package io.memfabric.agent.borrowing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/// Seals and opens pages with AES-256-GCM, for one thread. Java's cipher is fastest on arrays, so a
/// page is copied there and back.
///
/// | What | Bytes |
/// |---|---|
/// | nonce | key generation:4 counter:8 |
/// | associated data | version:4 key generation:4 grant:16 extent:4 page:8 tenant's length:4 tenant |
///
/// Numbers are big-endian here, the page is counted from the device's start, the tenant is a UUID or, in
/// a grant of which it was not known when it began, empty.
/// The tag of 16 bytes is not stored with the page.
final class PageSeal {

    private static final int VERSION = 1;
    private static final int TAG = 16;
    private static final int EXTENT_AT = 24;
    private static final int PAGE_AT = 28;
    private static final int AAD = 40;
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final SealKey key;
    private final Cipher cipher;
    private final byte[] nonce = new byte[12];
    private final byte[] associated;
    private final byte[] plain = new byte[KeptLayout.PAGE];
    private final byte[] sealed = new byte[KeptLayout.PAGE + TAG];

    PageSeal(KeptGrant grant, SealKey key) {
        this.key = key;
        try {
            cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no AES-GCM", e);
        }
        byte[] tenant = grant.tenant();
        INTS.set(nonce, 0, grant.keyGeneration());
        associated =
                ByteBuffer.allocate(AAD + tenant.length)
                        .putInt(VERSION)
                        .putInt(grant.keyGeneration())
                        .putLong(grant.grantId().getMostSignificantBits())
                        .putLong(grant.grantId().getLeastSignificantBits())
                        .putInt(0)
                        .putLong(0)
                        .putInt(tenant.length)
                        .put(tenant)
                        .array();
    }

    /// Seals the page that lies at `at`, where it lies.
    ///
    /// @param counter one that was never used before
    void seal(ByteBuffer memory, int at, long page, long counter) {
        memory.get(at, plain);
        try {
            begin(Cipher.ENCRYPT_MODE, page, counter);
            cipher.doFinal(plain, 0, KeptLayout.PAGE, sealed, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a page cannot be sealed", e);
        }
        memory.put(at, sealed, 0, KeptLayout.PAGE);
    }

    /// The first half of the tag of the page that was sealed last.
    long tagHigh() {
        return (long) LONGS.get(sealed, KeptLayout.PAGE);
    }

    /// The second half of it.
    long tagLow() {
        return (long) LONGS.get(sealed, KeptLayout.PAGE + Long.BYTES);
    }

    /// Opens the page that lies at `at`, where it lies.
    ///
    /// @return false where it is not the page that got this tag; it stays as it is then
    boolean open(ByteBuffer memory, int at, long page, PageRecord record) {
        if (!fits(memory, at, page, record)) {
            return false;
        }
        memory.put(at, plain, 0, KeptLayout.PAGE);
        return true;
    }

    /// Whether what lies at `at` is the page that got this tag.
    boolean fits(ByteBuffer memory, int at, long page, PageRecord record) {
        memory.get(at, sealed, 0, KeptLayout.PAGE);
        LONGS.set(sealed, KeptLayout.PAGE, record.tagHigh);
        LONGS.set(sealed, KeptLayout.PAGE + Long.BYTES, record.tagLow);
        try {
            begin(Cipher.DECRYPT_MODE, page, record.counter);
            cipher.doFinal(sealed, 0, KeptLayout.PAGE + TAG, plain, 0);
            return true;
        } catch (AEADBadTagException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a page cannot be opened", e);
        }
    }

    private void begin(int mode, long page, long counter) throws GeneralSecurityException {
        LONGS.set(nonce, Integer.BYTES, counter);
        INTS.set(associated, EXTENT_AT, (int) (page / KeptLayout.PAGES_OF_EXTENT));
        LONGS.set(associated, PAGE_AT, page);
        cipher.init(mode, key, new GCMParameterSpec(TAG * Byte.SIZE, nonce));
        cipher.updateAAD(associated);
    }
}
