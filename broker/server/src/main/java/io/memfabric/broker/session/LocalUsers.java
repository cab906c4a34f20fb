package io.memfabric.broker.session;

import io.memfabric.broker.access.Access;
import io.memfabric.broker.access.Role;
import io.memfabric.broker.database.Rows;
import io.memfabric.broker.database.TimeOrderedId;
import io.memfabric.broker.web.ListQuery;
import io.memfabric.broker.web.PageQuery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;
import org.springframework.stereotype.Service;

/// The people whose passwords this broker keeps, hashed: PBKDF2 with HMAC-SHA-256, 310,000 rounds and
/// a salt of 16 bytes, as OWASP's Password Storage Cheat Sheet asks.
@Service
class LocalUsers {

    /// What somebody who does not exist is compared with: a wrong name takes as long as a wrong
    /// password.
    private final String nobody;

    private final Pbkdf2PasswordEncoder encoder =
            Pbkdf2PasswordEncoder.defaultsForSpringSecurity_v5_8();

    /// A hash takes a processor for some 100 ms: whoever tries passwords gets one, not all of them.
    private final Semaphore turn = new Semaphore(1, true);

    private final JdbcClient jdbc;
    private final InstantSource clock;

    LocalUsers(JdbcClient jdbc, InstantSource clock) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.nobody = hash("nobody has this password");
    }

    private record Row(UUID id, String name, String passwordHash, UUID tenantId, String roles) {

        Sessions.Person person() {
            return new Sessions.Person(id, name, tenantId, Sessions.rolesOf(roles), true);
        }
    }

    /// Somebody who signs in with a password of this broker, without the password.
    record Account(
            UUID id,
            String name,
            UUID tenantId,
            String roles,
            Instant createdAt,
            Instant passwordChangedAt) {}

    private static final String ACCOUNTS =
            "select u.id, u.name, u.tenant_id, array_to_string(u.roles, ' ') as roles,"
                    + " u.created_at, u.changed_at as password_changed_at from local_users u";

    List<Account> list(@Nullable String order, PageQuery page) {
        return Rows.of(
                new ListQuery(ACCOUNTS, "u.id", order)
                        .rows(jdbc, page.afterIdOrNull(), page.limit())
                        .query(Account.class));
    }

    Optional<Account> find(UUID id) {
        return jdbc.sql(ACCOUNTS + " where u.id = ?").param(id).query(Account.class).optional();
    }

    boolean isNameTaken(String name) {
        return jdbc.sql("select count(*) from local_users where name = ?")
                        .param(name)
                        .query(Long.class)
                        .single()
                > 0;
    }

    /// Whether there is such a tenant.
    boolean hasTenant(UUID id) {
        return jdbc.sql("select count(*) from tenants where id = ? and deleted_at is null")
                        .param(id)
                        .query(Long.class)
                        .single()
                > 0;
    }

    /// Makes an account, in the transaction at hand.
    Account add(String name, UUID tenantId, Set<Role> roles, String passwordHash) {
        Instant now = clock.instant();
        UUID id = TimeOrderedId.at(now);
        jdbc.sql(
                        "insert into local_users (name, id, password_hash, tenant_id, roles,"
                                + " created_at, changed_at) values (?, ?, ?, ?, ?, ?, ?)")
                .param(name)
                .param(id)
                .param(passwordHash)
                .param(tenantId)
                .param(roles.stream().map(Role::wire).sorted().toArray(String[]::new))
                .param(Timestamp.from(now))
                .param(Timestamp.from(now))
                .update();
        return find(id).orElseThrow();
    }

    /// Ends an account and whatever sessions it has, in the transaction at hand; never the last one of
    /// an admin, without whom nobody could make another.
    ///
    /// @return whether it was ended
    boolean remove(UUID id) {
        // Two admins who end each other at the same time wait here for one another.
        List<UUID> admins =
                Rows.of(
                        jdbc.sql(
                                        "select id from local_users where 'admin' = any(roles)"
                                                + " order by id for update")
                                .query(UUID.class));
        if (admins.equals(List.of(id))) {
            return false;
        }
        jdbc.sql("delete from sessions where user_id = ?").param(id).update();
        return jdbc.sql("delete from local_users where id = ?").param(id).update() == 1;
    }

    boolean isEmpty() {
        return jdbc.sql("select count(*) from local_users").query(Long.class).single() == 0;
    }

    /// Makes the admin, or gives the admin a new password.
    void setAdmin(String name, String password) {
        Timestamp now = Timestamp.from(clock.instant());
        jdbc.sql(
                        "insert into local_users (name, id, password_hash, tenant_id, roles,"
                                + " created_at, changed_at) values (?, ?, ?, ?, '{admin}', ?, ?)"
                                + " on conflict (name) do update set"
                                + " password_hash = excluded.password_hash,"
                                + " changed_at = excluded.changed_at")
                .params(
                        name,
                        TimeOrderedId.at(clock.instant()),
                        hash(password),
                        Access.DEFAULT_TENANT,
                        now,
                        now)
                .update();
    }

    /// Who has this name and this password.
    Optional<Sessions.Person> check(String name, String password) {
        Row row =
                jdbc.sql(
                                "select u.id, u.name, u.password_hash, u.tenant_id,"
                                        + " array_to_string(u.roles, ' ') as roles"
                                        + " from local_users u join tenants t on t.id = u.tenant_id"
                                        + " where u.name = ? and t.deleted_at is null")
                        .param(name)
                        .query(Row.class)
                        .optional()
                        .orElse(null);
        boolean right = matches(password, row == null ? nobody : row.passwordHash());
        return right && row != null ? Optional.of(row.person()) : Optional.empty();
    }

    void setPassword(UUID id, String password) {
        Instant now = clock.instant();
        jdbc.sql("update local_users set password_hash = ?, changed_at = ? where id = ?")
                .params(hash(password), Timestamp.from(now), id)
                .update();
    }

    private boolean matches(String password, String hash) {
        takeTurn();
        try {
            return encoder.matches(password, hash);
        } finally {
            turn.release();
        }
    }

    /// The hash that is kept of a password; it takes a processor for a while, so do it before a
    /// transaction and not in one.
    String hash(String password) {
        takeTurn();
        try {
            @Nullable String hash = encoder.encode(password);
            if (hash == null) {
                throw new IllegalStateException("no hash of a password");
            }
            return hash;
        } finally {
            turn.release();
        }
    }

    private void takeTurn() {
        try {
            turn.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Problem(ProblemCode.INTERNAL_ERROR, "The broker stops.");
        }
    }
}
