package io.memfabric.broker.operation;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// An operation as the API shows it.
///
/// @param grantId the grant that it is about, or null where it is about a host
/// @param hostId the host that it is about, or null where it is about a grant
/// @param progress how far it is, or null where that is not told
/// @param error why it failed, or null where it has not
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OperationView(
        UUID id,
        OperationKind kind,
        boolean done,
        @Nullable UUID grantId,
        @Nullable UUID hostId,
        @Nullable Progress progress,
        @Nullable OperationError error,
        Instant createdAt,
        @Nullable Instant doneAt) {

    /// The grant that an operation of a grant is about.
    public UUID grant() {
        return Objects.requireNonNull(grantId, "an operation of a host");
    }

    /// How far an operation of a host is.
    ///
    /// @param grantsLeft how many grants still have something on the host
    /// @param blockedBy what stands in its way, or null where it goes on
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Progress(
            long totalBytes, long bytesLeft, int grantsLeft, @Nullable String blockedBy) {}

    /// Why an operation failed.
    public record OperationError(String code, String detail) {}
}
