package io.memfabric.broker.inventory;

import io.memfabric.broker.database.Duties;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.Rows;
import io.memfabric.broker.settings.BrokerSettings;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.LendingForecast;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;
import tools.jackson.databind.json.JsonMapper;

/// Tells the other brokers of a ledger when this one last heard its hosts, and learns of theirs: one
/// statement each a second for all hosts. The broker that a host reports to serves it under a term;
/// a broker alone with its database writes a row only when it begins to serve a host.
@Component
class PresenceShare {

    private static final System.Logger LOG = System.getLogger(PresenceShare.class.getName());

    /// What was heard longer ago does not say who speaks for a host now.
    private static final long FRESH_MILLIS = 1_500;

    private final JdbcClient jdbc;
    private final Ledger ledger;
    private final Duties duties;
    private final Presence presence;
    private final Quarantine quarantine;
    private final JsonMapper json;
    private final boolean shared;
    private final ConcurrentHashMap<UUID, Long> told = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<UUID, Long> terms = new ConcurrentHashMap<>();

    PresenceShare(
            JdbcClient jdbc,
            Ledger ledger,
            Duties duties,
            Presence presence,
            Quarantine quarantine,
            JsonMapper json,
            BrokerSettings settings) {
        this.jdbc = jdbc;
        this.ledger = ledger;
        this.duties = duties;
        this.presence = presence;
        this.quarantine = quarantine;
        this.json = json;
        this.shared = settings.isLedgerShared();
    }

    private record Other(
            UUID hostId,
            UUID bootId,
            long ageMillis,
            HarvestMode mode,
            String memory,
            @Nullable String forecast) {}

    private record Served(UUID hostId, long term) {}

    /// The term under which this broker serves the host as far as it knows, or 0 for none.
    long term(UUID hostId) {
        return terms.getOrDefault(hostId, 0L);
    }

    @Scheduled(fixedDelayString = "PT1S")
    synchronized void exchange() {
        try {
            tellAndLearn();
        } catch (DataAccessException | CannotCreateTransactionException e) {
            LOG.log(
                    Level.WARNING,
                    "the brokers do not hear of each other''s hosts: {0}",
                    e.toString());
        }
    }

    private void tellAndLearn() {
        List<Map.Entry<UUID, Presence.Heard>> news =
                presence.ours().entrySet().stream()
                        .filter(entry -> isNews(entry.getKey(), entry.getValue()))
                        .sorted(Map.Entry.comparingByKey())
                        .toList();
        if (!news.isEmpty()) {
            ledger.change(() -> tell(news)).forEach(row -> terms.put(row.hostId(), row.term()));
            news.forEach(entry -> told.put(entry.getKey(), entry.getValue().nanos()));
        }
        if (shared) {
            others().forEach(this::learn);
        }
    }

    private boolean isNews(UUID host, Presence.Heard heard) {
        Long last = told.get(host);
        return last == null || (shared && last != heard.nanos());
    }

    /// What is older than what another broker has heard since changes nothing, so a broker that was
    /// paused takes no host back.
    private List<Served> tell(List<Map.Entry<UUID, Presence.Heard>> news) {
        long now = System.nanoTime();
        return Rows.of(
                jdbc.sql(
                                "insert into presences as p"
                                        + " (host_id, broker_id, term, boot_id, heard_at, mode, memory,"
                                        + " forecast)"
                                        + " select n.host, :me, :fresh, n.boot,"
                                        + " now() - n.age * interval '1 ms', n.mode, n.memory::jsonb,"
                                        + " n.forecast::jsonb"
                                        + " from unnest(:hosts, :boots, :ages, :modes, :memories,"
                                        + " :forecasts)"
                                        + " as n (host, boot, age, mode, memory, forecast) order by n.host"
                                        + " on conflict (host_id) do update set broker_id = :me, term ="
                                        + " case when p.broker_id = :me then p.term"
                                        + " else greatest(p.term + 1, :fresh) end,"
                                        + " boot_id = excluded.boot_id, heard_at = excluded.heard_at,"
                                        + " mode = excluded.mode, memory = excluded.memory,"
                                        + " forecast = excluded.forecast"
                                        + " where excluded.heard_at > p.heard_at"
                                        + " returning host_id, term")
                        .param("me", duties.brokerId())
                        .param("fresh", duties.freshTerm())
                        .param("hosts", Rows.column(news, Map.Entry::getKey, UUID[]::new))
                        .param(
                                "boots",
                                Rows.column(news, e -> e.getValue().report().bootId(), UUID[]::new))
                        .param(
                                "ages",
                                Rows.column(
                                        news,
                                        e -> (now - e.getValue().nanos()) / 1_000_000,
                                        Long[]::new))
                        .param(
                                "modes",
                                Rows.column(
                                        news,
                                        e -> e.getValue().report().mode().name(),
                                        String[]::new))
                        .param(
                                "memories",
                                Rows.column(
                                        news,
                                        e ->
                                                json.writeValueAsString(
                                                        e.getValue().report().memory()),
                                        String[]::new))
                        .param(
                                "forecasts",
                                Rows.column(news, e -> forecast(e.getValue()), String[]::new))
                        .query(Served.class));
    }

    private @Nullable String forecast(Presence.Heard heard) {
        LendingForecast forecast = heard.report().forecast();
        return forecast == null ? null : json.writeValueAsString(forecast);
    }

    /// The borrower's own broker has its word on its copies; a broker that was paused has an old one.
    boolean isElsewhere(UUID hostId) {
        return shared
                && jdbc.sql(
                                "select exists (select 1 from presences where host_id = ?"
                                        + " and broker_id <> ? and heard_at > now() - interval '10 s')")
                        .params(hostId, duties.brokerId())
                        .query(Boolean.class)
                        .single();
    }

    private List<Other> others() {
        return Rows.of(
                jdbc.sql(
                                "select host_id, boot_id,"
                                        + " (extract(epoch from now() - heard_at) * 1000)::bigint"
                                        + " as age_millis, mode, memory::text,"
                                        + " forecast::text from presences"
                                        + " where broker_id <> ? and heard_at > now() - interval '1 h'")
                        .param(duties.brokerId())
                        .query(Other.class));
    }

    private void learn(Other other) {
        if (other.ageMillis() < FRESH_MILLIS) {
            quarantine.hear(other.hostId(), other.bootId());
        }
        presence.learn(
                other.hostId(),
                new HostReport(
                        other.bootId(),
                        0,
                        other.mode(),
                        json.readValue(other.memory(), MemoryReport.class),
                        new ArrayList<>(),
                        null,
                        other.forecast() == null
                                ? null
                                : json.readValue(other.forecast(), LendingForecast.class),
                        null),
                System.nanoTime() - other.ageMillis() * 1_000_000);
    }
}
