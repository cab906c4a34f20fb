package io.memfabric.broker.access;

import io.memfabric.broker.database.Ledger;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Whose agent a token is of. An agent shows its token every second, so all of them are in memory,
/// and read again every second in one statement: one that is no more ends then at the latest, and
/// the hosts of a broker that was started again ask the ledger for nothing. What is newer is looked
/// up by itself.
@Component
class AgentTokens {

    private static final Logger LOG = LoggerFactory.getLogger(AgentTokens.class);

    private final AgentTokenRepository rows;
    private final JdbcClient jdbc;
    private final ConcurrentHashMap<Secret.Hash, UUID> known = new ConcurrentHashMap<>();

    /// Counts the tokens that this broker ended.
    private int ended;

    AgentTokens(AgentTokenRepository rows, JdbcClient jdbc) {
        this.rows = rows;
        this.jdbc = jdbc;
    }

    Optional<UUID> hostOf(Secret.Hash hash) {
        UUID host = known.get(hash);
        if (host != null) {
            return Optional.of(host);
        }
        Optional<UUID> read = rows.findByTokenHash(hash.bytes()).map(AgentTokenEntity::hostId);
        read.ifPresent(found -> known.put(hash, found));
        return read;
    }

    /// Forgets the token of a host, whose row is changed in the transaction at hand.
    void end(UUID hostId) {
        Ledger.afterCommit(() -> forget(hostId));
    }

    private synchronized void forget(UUID hostId) {
        ended++;
        known.values().removeIf(hostId::equals);
    }

    @Scheduled(fixedDelayString = "PT1S")
    void lookAgain() {
        int before = endedSoFar();
        try {
            Map<Secret.Hash, UUID> good = new HashMap<>();
            jdbc.sql("select encode(token_hash, 'hex'), host_id from agent_tokens")
                    .query(
                            row -> {
                                good.put(
                                        new Secret.Hash(row.getString(1)),
                                        row.getObject(2, UUID.class));
                            });
            takeUp(good, before);
        } catch (DataAccessException e) {
            // Without the ledger nothing is known to be good.
            LOG.warn("the tokens of agents cannot be looked up: {}", e.toString());
            known.clear();
        }
    }

    private synchronized int endedSoFar() {
        return ended;
    }

    /// What was read while a token ended may still have it, so it is not taken up: the next look is a
    /// second away.
    private synchronized void takeUp(Map<Secret.Hash, UUID> good, int before) {
        if (ended == before) {
            known.keySet().retainAll(good.keySet());
            good.forEach(known::putIfAbsent);
        }
    }
}
