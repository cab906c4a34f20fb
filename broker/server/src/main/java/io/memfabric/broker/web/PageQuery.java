package io.memfabric.broker.web;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a caller asks of a list: how many, and after which key. Pages follow the key, not a count,
/// so that rows that come and go never shift a page.
///
/// @param after the last key of the page before, or null for the first page
public record PageQuery(int size, @Nullable String after) {

    private static final int MAX = 200;
    private static final int DEFAULT = 50;
    private static final String MARK = "k1:";
    private static final UUID BEFORE_ALL = new UUID(0, 0);
    private static final UUID AFTER_ALL = new UUID(-1, -1);

    /// Reads the two parameters of every list.
    public static PageQuery of(@Nullable Integer pageSize, @Nullable String pageToken) {
        int size = pageSize == null ? DEFAULT : pageSize;
        if (size < 1 || size > MAX) {
            throw new Problem(ProblemCode.INVALID_PAGE_SIZE, "pageSize must be 1 to 200.");
        }
        return new PageQuery(size, pageToken == null ? null : key(pageToken));
    }

    /// One row more than the page, to learn whether there is a next page.
    public int limit() {
        return size + 1;
    }

    /// The key as an identity; the smallest one where the list begins.
    public UUID afterId() {
        if (after == null) {
            return BEFORE_ALL;
        }
        try {
            return UUID.fromString(after);
        } catch (IllegalArgumentException e) {
            throw invalidToken();
        }
    }

    /// The key as an identity; the largest one where a list that goes back begins.
    public UUID beforeId() {
        return after == null ? AFTER_ALL : afterId();
    }

    /// The key as an identity; null where the list begins, from whichever end.
    public @Nullable UUID afterIdOrNull() {
        return after == null ? null : afterId();
    }

    /// The key as a number; null where the list begins, from whichever end.
    public @Nullable Long afterNumberOrNull() {
        try {
            return after == null ? null : Long.valueOf(after);
        } catch (NumberFormatException e) {
            throw invalidToken();
        }
    }

    static String token(String key) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((MARK + key).getBytes(StandardCharsets.UTF_8));
    }

    private static String key(String token) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            if (text.startsWith(MARK)) {
                return text.substring(MARK.length());
            }
        } catch (IllegalArgumentException e) {
            throw invalidToken();
        }
        throw invalidToken();
    }

    /// The answer to a token that no page has given.
    public static Problem invalidToken() {
        return new Problem(
                ProblemCode.INVALID_PAGE_TOKEN, "pageToken is not one that a list has given.");
    }
}
