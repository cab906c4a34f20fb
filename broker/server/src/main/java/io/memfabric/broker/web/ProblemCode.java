package io.memfabric.broker.web;

import java.util.Locale;
import org.springframework.http.HttpStatus;

/// Every code that an answer of the broker can have. The codes are part of the contract
/// (`openapi/broker.yaml`): they are added, never renamed.
public enum ProblemCode {
    MALFORMED_REQUEST(HttpStatus.BAD_REQUEST),
    INVALID_PAGE_SIZE(HttpStatus.BAD_REQUEST),
    INVALID_PAGE_TOKEN(HttpStatus.BAD_REQUEST),
    INVALID_ORDER(HttpStatus.BAD_REQUEST),
    INVALID_FIELDS(HttpStatus.BAD_REQUEST),
    INVALID_TIME_RANGE(HttpStatus.BAD_REQUEST),
    INVALID_WAIT(HttpStatus.BAD_REQUEST),
    INVALID_EVENT_ID(HttpStatus.BAD_REQUEST),
    IDEMPOTENCY_KEY_REQUIRED(HttpStatus.BAD_REQUEST),
    UNAUTHENTICATED(HttpStatus.UNAUTHORIZED),
    JOIN_TOKEN_USED(HttpStatus.UNAUTHORIZED),
    CLIENT_CERTIFICATE_REQUIRED(HttpStatus.UNAUTHORIZED),
    CERTIFICATE_REVOKED(HttpStatus.UNAUTHORIZED),
    HOST_QUARANTINED(HttpStatus.UNAUTHORIZED),
    FORBIDDEN(HttpStatus.FORBIDDEN),
    AGENT_PORT_REQUIRED(HttpStatus.FORBIDDEN),
    CERTIFICATE_OF_OTHER_HOST(HttpStatus.FORBIDDEN),
    /// A change by a session without the session's own token in its header.
    CSRF_TOKEN_INVALID(HttpStatus.FORBIDDEN),
    JOIN_TOKEN_FOR_ANOTHER_HOST(HttpStatus.FORBIDDEN),
    NOT_FOUND(HttpStatus.NOT_FOUND),
    HOST_NOT_FOUND(HttpStatus.NOT_FOUND),
    VM_NOT_FOUND(HttpStatus.NOT_FOUND),
    GRANT_NOT_FOUND(HttpStatus.NOT_FOUND),
    OPERATION_NOT_FOUND(HttpStatus.NOT_FOUND),
    RECALL_NOT_FOUND(HttpStatus.NOT_FOUND),
    COMMAND_NOT_FOUND(HttpStatus.NOT_FOUND),
    POLICY_NOT_FOUND(HttpStatus.NOT_FOUND),
    WEBHOOK_NOT_FOUND(HttpStatus.NOT_FOUND),
    TENANT_NOT_FOUND(HttpStatus.NOT_FOUND),
    USER_NOT_FOUND(HttpStatus.NOT_FOUND),
    TOKEN_NOT_FOUND(HttpStatus.NOT_FOUND),
    OBJECT_NOT_FOUND(HttpStatus.NOT_FOUND),
    METHOD_NOT_ALLOWED(HttpStatus.METHOD_NOT_ALLOWED),
    NOT_ACCEPTABLE(HttpStatus.NOT_ACCEPTABLE),
    UNSUPPORTED_MEDIA_TYPE(HttpStatus.UNSUPPORTED_MEDIA_TYPE),
    /// The body came too slowly to be waited for.
    BODY_TOO_SLOW(HttpStatus.REQUEST_TIMEOUT),
    BODY_TOO_LARGE(HttpStatus.CONTENT_TOO_LARGE),
    /// The memory is not there now; it may be later.
    INSUFFICIENT_CAPACITY(HttpStatus.CONFLICT, true),
    NOT_SURVIVABLE(HttpStatus.CONFLICT, true),
    LATENCY_CLASS_UNAVAILABLE(HttpStatus.CONFLICT, true),
    HOST_UNREACHABLE(HttpStatus.CONFLICT, true),
    VM_NOT_RUNNING(HttpStatus.CONFLICT),
    GUEST_DAEMON_MISSING(HttpStatus.CONFLICT),
    GROWTH_NOT_ALLOWED(HttpStatus.CONFLICT),
    GROWTH_LIMIT_REACHED(HttpStatus.CONFLICT),
    /// It is heard, so it is not lost.
    HOST_REACHABLE(HttpStatus.CONFLICT),
    HOST_NOT_DRAINED(HttpStatus.CONFLICT),
    HOST_IN_USE(HttpStatus.CONFLICT, true),
    RECALL_OPEN(HttpStatus.CONFLICT),
    /// A report says what changed since one that this broker did not hear last.
    REPORT_BASE_UNKNOWN(HttpStatus.CONFLICT),
    GRANT_NOT_LIVE(HttpStatus.CONFLICT),
    /// It is a raw disk, a part of another grant, or a host's own.
    GRANT_NOT_RESIZABLE(HttpStatus.CONFLICT),
    GRANT_IS_PART(HttpStatus.CONFLICT),
    GRANT_DEVICE_UNKNOWN(HttpStatus.CONFLICT),
    GRANT_NOT_QUARANTINED(HttpStatus.CONFLICT),
    /// What put it in quarantine stands against it still.
    GRANT_IN_DOUBT(HttpStatus.CONFLICT, true),
    RESIZE_UNDER_WAY(HttpStatus.CONFLICT, true),
    SIZE_NOT_REACHABLE(HttpStatus.CONFLICT),
    NAME_TAKEN(HttpStatus.CONFLICT),
    TENANT_IN_USE(HttpStatus.CONFLICT),
    LAST_ADMIN(HttpStatus.CONFLICT),
    VM_HAS_GRANTS(HttpStatus.CONFLICT),
    QUOTA_EXCEEDED(HttpStatus.CONFLICT, true),
    LATENCY_CLASS_NOT_ALLOWED(HttpStatus.CONFLICT),
    /// Other changes came first again and again.
    TOO_MANY_CONFLICTS(HttpStatus.CONFLICT, true),
    REVISION_CONFLICT(HttpStatus.PRECONDITION_FAILED),
    PRECONDITION_REQUIRED(HttpStatus.PRECONDITION_REQUIRED),
    INVALID_SIZE(HttpStatus.UNPROCESSABLE_CONTENT),
    INVALID_DEADLINE(HttpStatus.UNPROCESSABLE_CONTENT),
    INVALID_PLACEMENT_RULE(HttpStatus.UNPROCESSABLE_CONTENT),
    INVALID_LABEL(HttpStatus.UNPROCESSABLE_CONTENT),
    INVALID_COPIES(HttpStatus.UNPROCESSABLE_CONTENT),
    INVALID_WEIGHT(HttpStatus.UNPROCESSABLE_CONTENT),
    INVALID_PASSWORD(HttpStatus.UNPROCESSABLE_CONTENT),
    INVALID_NAME(HttpStatus.UNPROCESSABLE_CONTENT),
    INVALID_POLICY(HttpStatus.UNPROCESSABLE_CONTENT),
    INVALID_WEBHOOK(HttpStatus.UNPROCESSABLE_CONTENT),
    INVALID_QUOTA(HttpStatus.UNPROCESSABLE_CONTENT),
    INVALID_ROLES(HttpStatus.UNPROCESSABLE_CONTENT),
    INVALID_SCOPES(HttpStatus.UNPROCESSABLE_CONTENT),
    INVALID_EXPIRY(HttpStatus.UNPROCESSABLE_CONTENT),
    INVALID_HOST_NAME(HttpStatus.UNPROCESSABLE_CONTENT),
    INVALID_CERTIFICATE_REQUEST(HttpStatus.UNPROCESSABLE_CONTENT),
    DUPLICATE_REGION(HttpStatus.UNPROCESSABLE_CONTENT),
    DUPLICATE_VM(HttpStatus.UNPROCESSABLE_CONTENT),
    IDEMPOTENCY_KEY_REUSED(HttpStatus.UNPROCESSABLE_CONTENT),
    RATE_LIMITED(HttpStatus.TOO_MANY_REQUESTS, true),
    REVISION_OUT_OF_RANGE(HttpStatus.UNPROCESSABLE_CONTENT),
    INTERNAL_ERROR(HttpStatus.INTERNAL_SERVER_ERROR),
    /// The ledger lost commits and asks the hosts what they hold.
    LEDGER_RECOVERING(HttpStatus.SERVICE_UNAVAILABLE, true),
    DATABASE_UNAVAILABLE(HttpStatus.SERVICE_UNAVAILABLE, true);

    private final HttpStatus status;
    private final boolean retryable;

    ProblemCode(HttpStatus status) {
        this(status, false);
    }

    ProblemCode(HttpStatus status, boolean retryable) {
        this.status = status;
        this.retryable = retryable;
    }

    /// The code of a snake_case name.
    public static ProblemCode of(String wire) {
        return valueOf(wire.toUpperCase(Locale.ROOT));
    }

    /// The code as it goes on the wire.
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public HttpStatus status() {
        return status;
    }

    /// Whether the same request may succeed when it is sent again later.
    public boolean isRetryable() {
        return retryable;
    }
}
