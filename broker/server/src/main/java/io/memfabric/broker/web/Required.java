package io.memfabric.broker.web;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/// Fields that a body must have.
public final class Required {

    private Required() {}

    /// The value of a field, or a problem where it is missing or null.
    public static <T> T field(String path, @Nullable T value) {
        if (value == null) {
            throw new Problem(
                    HttpStatus.BAD_REQUEST,
                    "malformed_request",
                    "The field " + path + " is missing.");
        }
        return value;
    }
}
