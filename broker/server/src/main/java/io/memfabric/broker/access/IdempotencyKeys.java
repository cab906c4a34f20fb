package io.memfabric.broker.access;

import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/// Remembers what a key began, so that a request that is sent again begins nothing new. Only
/// requests that began something are remembered: one that was refused may be tried again under its
/// key.
@Component
public class IdempotencyKeys {

    private static final Duration KEPT = Duration.ofDays(2);
    private static final int LONGEST = 200;

    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final InstantSource clock;

    IdempotencyKeys(JdbcClient jdbc, JsonMapper json, InstantSource clock) {
        this.jdbc = jdbc;
        this.json = json;
        this.clock = clock;
    }

    /// A key of one caller and the request that it was sent with.
    public record Use(UUID callerId, String key, String requestHash) {

        /// The use of a key in a header.
        ///
        /// @param request what was asked, in a form that is the same for the same request
        public static Use of(UUID callerId, @Nullable String key, String request) {
            if (key == null || key.isBlank() || key.length() > LONGEST) {
                throw new Problem(
                        ProblemCode.IDEMPOTENCY_KEY_REQUIRED,
                        "Idempotency-Key must have 1 to 200 characters.");
            }
            try {
                return new Use(
                        callerId,
                        key,
                        HexFormat.of()
                                .formatHex(
                                        MessageDigest.getInstance("SHA-256")
                                                .digest(request.getBytes(StandardCharsets.UTF_8))));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private record Known(String requestHash, @Nullable UUID operationId, @Nullable String answer) {}

    /// The operation that this key began earlier; else the key now belongs to `operationId`. A
    /// request with the same key that is under way elsewhere is waited for.
    public Optional<UUID> earlier(Use use, UUID operationId) {
        return take(use, operationId).map(Known::operationId);
    }

    /// Makes something once for a key, in the transaction at hand, and answers it again to the same
    /// request.
    ///
    /// @param withoutSecrets what may be kept of the answer, and is answered again
    public <T> T once(Use use, Class<T> type, Supplier<T> make, UnaryOperator<T> withoutSecrets) {
        Optional<Known> known = take(use, null);
        if (known.isPresent()) {
            return json.readValue(known.get().answer(), type);
        }
        T made = make.get();
        jdbc.sql(
                        "update idempotency_keys set answer = ?::jsonb"
                                + " where caller_id = ? and key = ?")
                .params(
                        json.writeValueAsString(withoutSecrets.apply(made)),
                        use.callerId(),
                        use.key())
                .update();
        return made;
    }

    private Optional<Known> take(Use use, @Nullable UUID operationId) {
        int added =
                jdbc.sql(
                                "insert into idempotency_keys"
                                        + " (caller_id, key, request_hash, operation_id,"
                                        + " created_at) values (?, ?, decode(?, 'hex'), ?, ?)"
                                        + " on conflict do nothing")
                        .param(use.callerId())
                        .param(use.key())
                        .param(use.requestHash())
                        .param(operationId)
                        .param(Timestamp.from(clock.instant()))
                        .update();
        if (added == 1) {
            return Optional.empty();
        }
        Known known =
                jdbc.sql(
                                "select encode(request_hash, 'hex') as request_hash, operation_id,"
                                        + " answer::text as answer from idempotency_keys"
                                        + " where caller_id = ? and key = ?")
                        .params(use.callerId(), use.key())
                        .query(Known.class)
                        .single();
        if (!known.requestHash().equals(use.requestHash())) {
            throw new Problem(
                    ProblemCode.IDEMPOTENCY_KEY_REUSED,
                    "The Idempotency-Key was used for another request.");
        }
        return Optional.of(known);
    }

    @Scheduled(fixedDelayString = "PT1H")
    void forgetOld() {
        Instant before = clock.instant().minus(KEPT);
        jdbc.sql("delete from idempotency_keys where created_at < ?")
                .param(Timestamp.from(before))
                .update();
    }
}
