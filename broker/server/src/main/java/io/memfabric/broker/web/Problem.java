package io.memfabric.broker.web;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ProblemDetail;

/// An answer that is not what the caller asked for: a stable code and one sentence. It becomes an
/// RFC 9457 problem at the edge.
public final class Problem extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final ProblemCode code;

    public Problem(ProblemCode code, String detail) {
        super(detail);
        this.code = code;
    }

    /// There is no `thing` with this identity; the code is `<thing>_not_found`.
    public static Problem notFound(String thing, Object id) {
        return new Problem(
                ProblemCode.of(thing + "_not_found"), "There is no " + thing + " " + id + ".");
    }

    public ProblemCode code() {
        return code;
    }

    /// The body of the answer.
    ProblemDetail body() {
        return describe(code, getMessage());
    }

    static ProblemDetail describe(ProblemCode code, @Nullable String detail) {
        ProblemDetail body = ProblemDetail.forStatusAndDetail(code.status(), detail);
        body.setType(URI.create("urn:memfabric:problem:" + code.wire()));
        body.setProperty("code", code.wire());
        body.setProperty("retryable", code.isRetryable());
        return body;
    }
}
