package io.memfabric.contract.agent;

import org.jspecify.annotations.Nullable;

/// Checks of values that come from another process.
final class Check {

    private Check() {}

    static void name(String field, @Nullable String value, int maxChars) {
        if (value == null || value.isBlank() || value.length() > maxChars) {
            throw new IllegalArgumentException(
                    field + " must have 1 to " + maxChars + " characters");
        }
        for (int i = 0; i < value.length(); i++) {
            if (Character.isISOControl(value.charAt(i))) {
                throw new IllegalArgumentException(field + " has a control character");
            }
        }
    }

    /// PEM, the armour that RFC 7468 describes, of at most 8 KiB.
    static void pem(String field, @Nullable String value) {
        if (value == null || value.length() > 8192 || !value.startsWith("-----BEGIN ")) {
            throw new IllegalArgumentException(field + " must be PEM of at most 8192 characters");
        }
    }

    static void hostAndPort(String field, @Nullable String value) {
        name(field, value, 300);
        int colon = value == null ? -1 : value.lastIndexOf(':');
        if (value == null || colon < 1) {
            throw new IllegalArgumentException(field + " must be address:port");
        }
        try {
            int port = Integer.parseInt(value.substring(colon + 1));
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException(field + " has a port outside 1 to 65535");
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(field + " must be address:port", e);
        }
    }

    static void notNegative(String field, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(field + " is negative: " + value);
        }
    }

    static <T> T present(String field, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException(field + " is missing");
        }
        return value;
    }

    static void atMost(String field, int size, int max) {
        if (size > max) {
            throw new IllegalArgumentException(
                    field + " has " + size + " entries, more than " + max);
        }
    }
}
