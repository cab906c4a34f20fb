package io.memfabric.broker.operation;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// An operation as the API shows it.
///
/// @param error why it failed, or null where it has not
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OperationView(
        UUID id,
        OperationKind kind,
        boolean done,
        UUID grantId,
        @Nullable OperationError error,
        Instant createdAt,
        @Nullable Instant doneAt) {

    /// Why an operation failed.
    public record OperationError(String code, String detail) {}
}
