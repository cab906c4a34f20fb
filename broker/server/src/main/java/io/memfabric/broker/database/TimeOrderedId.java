package io.memfabric.broker.database;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.UUID;

/// New identities that sort by the time they were made (UUID version 7, RFC 9562), so that a list
/// by identity is a list by age.
public final class TimeOrderedId {

    private static final SecureRandom RANDOM = new SecureRandom();

    private TimeOrderedId() {}

    /// A new identity for something that begins now.
    public static UUID at(Instant now) {
        long random = RANDOM.nextLong();
        long high = (now.toEpochMilli() << 16) | 0x7000 | (random & 0x0fff);
        long low = (RANDOM.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }
}
