package io.memfabric.broker.web;

import org.jspecify.annotations.Nullable;

/// Fields that a body must have.
public final class Required {

    private Required() {}

    /// The value of a field, or a problem where it is missing or null.
    public static <T> T field(String path, @Nullable T value) {
        if (value == null) {
            throw new Problem(ProblemCode.MALFORMED_REQUEST, "The field " + path + " is missing.");
        }
        return value;
    }
}
