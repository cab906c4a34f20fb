package io.memfabric.broker.session;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.access.Role;
import io.memfabric.broker.access.Secret;
import io.memfabric.broker.access.SessionCallers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;

/// Sessions: begun by a sign-in, ended by a sign-out, by an hour without a request, or after twelve.
@Service
class Sessions implements SessionCallers {

    static final Duration LONGEST = Duration.ofHours(12);
    private static final Duration IDLE = Duration.ofHours(1);

    /// Requests come every second; that one was seen is written once in so long.
    private static final Duration SEEN = Duration.ofMinutes(1);

    private static final String PREFIX = "mfs_";

    private final JdbcClient jdbc;
    private final InstantSource clock;

    Sessions(JdbcClient jdbc, InstantSource clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /// Somebody who has shown who they are.
    ///
    /// @param local whether by a password of this broker
    record Person(UUID id, String name, UUID tenantId, Set<Role> roles, boolean local) {

        Person {
            roles = Set.copyOf(roles);
        }
    }

    private record Row(
            UUID userId,
            String name,
            UUID tenantId,
            String roles,
            boolean local,
            Instant seenAt,
            Instant endsAt) {

        Person person() {
            return new Person(userId, name, tenantId, rolesOf(roles), local);
        }
    }

    /// The token of a new session; only its holder can show it.
    String begin(Person person) {
        String token = Secret.make(PREFIX);
        Instant now = clock.instant();
        jdbc.sql(
                        "insert into sessions (token_hash, user_id, name, tenant_id, roles, local,"
                                + " created_at, seen_at, ends_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .param(Secret.Hash.of(token).bytes())
                .param(person.id())
                .param(person.name())
                .param(person.tenantId())
                .param(person.roles().stream().map(Role::wire).sorted().toArray(String[]::new))
                .param(person.local())
                .param(Timestamp.from(now))
                .param(Timestamp.from(now))
                .param(Timestamp.from(now.plus(LONGEST)))
                .update();
        return token;
    }

    @Override
    public Optional<Caller.Api> recogniseSession(String token) {
        return find(token)
                .map(
                        person ->
                                new Caller.Api(
                                        person.id(),
                                        person.local() ? "user:" + person.name() : person.name(),
                                        person.tenantId(),
                                        person.roles(),
                                        Set.of()));
    }

    /// Who is signed in with this token, if the session lives.
    Optional<Person> find(String token) {
        if (!token.startsWith(PREFIX)) {
            return Optional.empty();
        }
        byte[] hash = Secret.Hash.of(token).bytes();
        Instant now = clock.instant();
        Optional<Row> live =
                jdbc.sql(
                                "select s.user_id, s.name, s.tenant_id,"
                                        + " array_to_string(s.roles, ' ') as roles, s.local,"
                                        + " s.seen_at, s.ends_at from sessions s"
                                        + " join tenants t on t.id = s.tenant_id"
                                        + " where s.token_hash = ? and t.deleted_at is null")
                        .param(hash)
                        .query(Row.class)
                        .optional()
                        .filter(row -> row.endsAt().isAfter(now))
                        .filter(row -> row.seenAt().plus(IDLE).isAfter(now));
        if (live.filter(row -> row.seenAt().plus(SEEN).isBefore(now)).isPresent()) {
            jdbc.sql("update sessions set seen_at = ? where token_hash = ?")
                    .params(Timestamp.from(now), hash)
                    .update();
        }
        return live.map(Row::person);
    }

    @Override
    public boolean isCsrfToken(String token, String csrf) {
        return MessageDigest.isEqual(
                csrfToken(token).getBytes(StandardCharsets.US_ASCII),
                csrf.getBytes(StandardCharsets.UTF_8));
    }

    static String csrfToken(String token) {
        return HexFormat.of().formatHex(Secret.Hash.of("csrf:" + token).bytes());
    }

    void end(String token) {
        jdbc.sql("delete from sessions where token_hash = ?")
                .param(Secret.Hash.of(token).bytes())
                .update();
    }

    void endOthers(UUID userId, String token) {
        jdbc.sql("delete from sessions where user_id = ? and token_hash <> ?")
                .params(userId, Secret.Hash.of(token).bytes())
                .update();
    }

    @Scheduled(fixedDelay = 600_000)
    void forgetEnded() {
        Instant now = clock.instant();
        jdbc.sql("delete from sessions where ends_at < ? or seen_at < ?")
                .params(Timestamp.from(now), Timestamp.from(now.minus(IDLE)))
                .update();
    }

    static Set<Role> rolesOf(String words) {
        EnumSet<Role> roles = EnumSet.noneOf(Role.class);
        for (String word : words.split(" ", -1)) {
            Role.of(word).ifPresent(roles::add);
        }
        return roles;
    }
}
