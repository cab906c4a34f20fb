package io.memfabric.broker.web;

import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;

/// An answer that is not what the caller asked for: a status, a stable code and one sentence. It
/// becomes an RFC 9457 problem at the edge.
public final class Problem extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final HttpStatus status;
    private final String code;
    private final boolean retryable;

    public Problem(HttpStatus status, String code, String detail) {
        this(status, code, detail, false);
    }

    private Problem(HttpStatus status, String code, String detail, boolean retryable) {
        super(detail);
        this.status = status;
        this.code = code;
        this.retryable = retryable;
    }

    /// A problem that may be over when the same request is sent again later.
    public static Problem retryable(HttpStatus status, String code, String detail) {
        return new Problem(status, code, detail, true);
    }

    /// There is no `thing` with this identity; the code is `<thing>_not_found`.
    public static Problem notFound(String thing, Object id) {
        return new Problem(
                HttpStatus.NOT_FOUND,
                thing + "_not_found",
                "There is no " + thing + " " + id + ".");
    }

    public String code() {
        return code;
    }

    public HttpStatus status() {
        return status;
    }

    /// The body of the answer.
    public ProblemDetail body() {
        return describe(status, code, getMessage(), retryable);
    }

    static ProblemDetail describe(
            HttpStatus status,
            String code,
            @org.jspecify.annotations.Nullable String detail,
            boolean retryable) {
        ProblemDetail body = ProblemDetail.forStatusAndDetail(status, detail);
        body.setType(URI.create("urn:memfabric:problem:" + code));
        body.setProperty("code", code);
        body.setProperty("retryable", retryable);
        return body;
    }
}
