package io.memfabric.broker.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/// Bearer tokens: 256 random bits behind a prefix that says what they are for. The ledger keeps
/// their SHA-256 only; with that much randomness no salt or slow hash is needed.
public final class Secret {

    private static final SecureRandom RANDOM = new SecureRandom();

    private Secret() {}

    /// The SHA-256 of a token.
    public record Hash(String hex) {
        /// Its 32 bytes, as the ledger keeps them.
        public byte[] bytes() {
            return HexFormat.of().parseHex(hex);
        }

        /// The hash of a token.
        public static Hash of(String token) {
            try {
                return new Hash(
                        HexFormat.of()
                                .formatHex(
                                        MessageDigest.getInstance("SHA-256")
                                                .digest(token.getBytes(StandardCharsets.UTF_8))));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /// A new secret behind a prefix.
    public static String make(String prefix) {
        byte[] bits = new byte[32];
        RANDOM.nextBytes(bits);
        return prefix + HexFormat.of().formatHex(bits);
    }
}
