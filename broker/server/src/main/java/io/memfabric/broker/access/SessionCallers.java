package io.memfabric.broker.access;

import java.util.Optional;

/// Knows who a session's cookie belongs to.
public interface SessionCallers {

    /// The cookie that holds a session's token.
    String COOKIE = "memfabric_session";

    /// The header in which a change repeats the session's CSRF token.
    String CSRF_HEADER = "X-Memfabric-Csrf";

    /// Who is signed in with this token, if the session lives.
    Optional<Caller.Api> recogniseSession(String token);

    /// Whether this is the CSRF token of that session. It follows from the session's token, which no
    /// script can read and no other site can send along with a header of its own.
    boolean isCsrfToken(String token, String csrf);
}
