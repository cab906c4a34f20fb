package io.memfabric.broker.policies;

import io.memfabric.broker.access.TenantRates;
import io.memfabric.broker.database.Rows;
import io.memfabric.broker.web.ListQuery;
import io.memfabric.broker.web.PageQuery;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import tools.jackson.databind.json.JsonMapper;

/// The policy that holds, and those that held.
@Service
public class Policies {

    private static final String SELECT =
            "select version, document::text as document, note, created_by, created_at from policies";

    private static final Logger LOG = LoggerFactory.getLogger(Policies.class);

    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final TenantRates rates;

    Policies(JdbcClient jdbc, JsonMapper json, TenantRates rates) {
        this.jdbc = jdbc;
        this.json = json;
        this.rates = rates;
    }

    record Row(long version, String document, String note, String createdBy, Instant createdAt) {}

    /// What holds now.
    public PolicyDocument now() {
        return document(newest());
    }

    /// Follows the ledger, where another broker may have put a new version.
    @Scheduled(fixedDelay = 1000)
    void follow() {
        try {
            rates.set(now().tenantRate());
        } catch (DataAccessException e) {
            LOG.debug("the policy cannot be read now: {}", e.toString());
        }
    }

    Row newest() {
        return jdbc.sql(SELECT + " order by version desc limit 1").query(Row.class).single();
    }

    Optional<Row> find(long version) {
        return jdbc.sql(SELECT + " where version = ?").param(version).query(Row.class).optional();
    }

    /// A page of the versions, one more than it has.
    List<Row> list(String order, PageQuery page) {
        return Rows.of(
                new ListQuery(SELECT, "version", order)
                        .rows(jdbc, page.afterNumberOrNull(), page.limit())
                        .query(Row.class));
    }

    /// Adds a version; a second one of the same number is refused by the ledger.
    void add(long version, PolicyDocument document, String note, String by, Instant now) {
        jdbc.sql(
                        "insert into policies (version, document, note, created_by, created_at)"
                                + " values (?, ?::jsonb, ?, ?, ?)")
                .params(version, json.writeValueAsString(document), note, by, Timestamp.from(now))
                .update();
    }

    PolicyDocument document(Row row) {
        return json.readValue(row.document(), PolicyDocument.class);
    }
}
