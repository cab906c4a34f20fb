package io.memfabric.client;

import java.time.Duration;
import java.util.UUID;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// Something that the broker does after it has answered.
public final class Operation {

    private static final long LONGEST_WAIT_S = 30;

    private final RestConnection rest;
    private JsonNode state;

    /// @param accepted the body of a 202
    public Operation(RestConnection rest, JsonNode accepted) {
        this.rest = rest;
        this.state = accepted.path("operation");
        if (!state.path("id").isString()) {
            throw new FabricException("not_a_broker", 202, false, "the answer has no operation");
        }
    }

    public UUID id() {
        return UUID.fromString(state.path("id").asString());
    }

    /// The grant that it is about.
    public UUID grantId() {
        return UUID.fromString(state.path("grantId").asString());
    }

    /// As the broker last told it.
    public JsonNode state() {
        return state;
    }

    /// Waits until it is done.
    ///
    /// @throws FabricException with its own code where it failed, `operation_timeout` where it was
    ///     not done in time
    public Operation await(Duration patience) {
        return await(patience, LONGEST_WAIT_S, _ -> {});
    }

    /// Like [#await(Duration)], and tells every two seconds how far it is.
    public Operation await(Duration patience, Consumer<JsonNode> told) {
        return await(patience, 2, told);
    }

    private Operation await(Duration patience, long longestWait, Consumer<JsonNode> told) {
        long until = System.nanoTime() + patience.toNanos();
        while (!state.path("done").asBoolean(false)) {
            long left = Duration.ofNanos(until - System.nanoTime()).toSeconds();
            if (until - System.nanoTime() <= 0) {
                throw new FabricException(
                        FabricException.TIMEOUT,
                        0,
                        true,
                        "operation " + id() + " is still going on");
            }
            long wait = Math.clamp(left, 1, longestWait);
            state = rest.get("/api/v1/operations/" + id() + "?wait=" + wait);
            told.accept(state);
        }
        JsonNode error = state.path("error");
        if (error.isObject()) {
            throw new FabricException(
                    error.path("code").asString("unknown"),
                    0,
                    false,
                    error.path("detail").asString("operation " + id() + " failed"));
        }
        return this;
    }
}
