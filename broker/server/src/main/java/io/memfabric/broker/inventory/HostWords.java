package io.memfabric.broker.inventory;

import io.memfabric.broker.settings.BrokerSettings;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/// What hosts say seldom and every broker on the ledger has to know. A host's own broker has it in
/// memory; here it is for the others. A broker alone with its database writes nothing.
@Component
public class HostWords {

    /// What it is about; each host has one word on it.
    public enum Topic {
        /// The copies that its devices miss.
        COPIES,
        /// Its ways to lenders.
        ROUND_TRIPS
    }

    private record Key(UUID hostId, Topic topic) {}

    private record Written(long term, String body) {}

    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final Presence presence;
    private final PresenceShare share;
    private final boolean shared;

    /// What this broker wrote last, and under which term, so that the same word is not written again.
    private final ConcurrentHashMap<Key, Written> written = new ConcurrentHashMap<>();

    HostWords(
            JdbcClient jdbc,
            JsonMapper json,
            Presence presence,
            PresenceShare share,
            BrokerSettings settings) {
        this.jdbc = jdbc;
        this.json = json;
        this.presence = presence;
        this.share = share;
        this.shared = settings.isLedgerShared();
    }

    /// Keeps what a host that speaks to this broker says.
    public void keep(UUID hostId, Topic topic, Object said) {
        if (!shared) {
            return;
        }
        Key key = new Key(hostId, topic);
        String body = json.writeValueAsString(said);
        Written word = new Written(share.term(hostId), body);
        if (word.equals(written.get(key))) {
            return;
        }
        jdbc.sql(
                        "insert into host_words (host_id, topic, body) values (?, ?, ?::jsonb)"
                                + " on conflict (host_id, topic) do update set body = excluded.body")
                .params(hostId, topic.name(), body)
                .update();
        written.put(key, word);
    }

    /// What a host last said, where that was to another broker.
    public <T> Optional<T> elsewhere(UUID hostId, Topic topic, Class<T> type) {
        if (!shared || presence.of(hostId).filter(Presence.Heard::ours).isPresent()) {
            return Optional.empty();
        }
        return jdbc.sql("select body::text from host_words where host_id = ? and topic = ?")
                .params(hostId, topic.name())
                .query(String.class)
                .optional()
                .map(body -> json.readValue(body, type));
    }
}
