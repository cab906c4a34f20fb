package io.memfabric.broker.access;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What anybody may ask: the dashboard's files, which hold no secret, and how to sign in.
final class OpenRoutes {

    private static final Set<String> SIGN_IN =
            Set.of(
                    "GET /api/v1/sign-in",
                    "GET /api/v1/sign-in/oidc",
                    "GET /api/v1/sign-in/oidc/callback",
                    "POST /api/v1/session");

    private static final Set<String> READS = Set.of("GET", "HEAD");
    private static final Set<String> HARMLESS = Set.of("GET", "HEAD", "OPTIONS", "TRACE");
    private static final int LONGEST_COOKIE = 200;

    private OpenRoutes() {}

    static boolean isOpen(String method, String path) {
        return SIGN_IN.contains(method + " " + path) || (READS.contains(method) && isPage(path));
    }

    /// Whether it is a file or an address of the dashboard: whatever no other part of the broker has.
    private static boolean isPage(String path) {
        String first = path.substring(1).split("/", 2)[0];
        return !Set.of("api", "agent", "actuator", "error").contains(first);
    }

    static boolean changes(String method) {
        return !HARMLESS.contains(method);
    }

    static @Nullable String sessionCookie(HttpServletRequest request) {
        Cookie[] cookies = request.getCookies();
        if (cookies == null) {
            return null;
        }
        for (Cookie cookie : cookies) {
            if (cookie.getName().equals(SessionCallers.COOKIE)) {
                String value = cookie.getValue();
                return value == null || value.isEmpty() || value.length() > LONGEST_COOKIE
                        ? null
                        : value;
            }
        }
        return null;
    }
}
