package io.memfabric.broker.access;

import io.memfabric.broker.database.Ledger;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Whose agent a token is of. An agent shows its token every second, so those that are known good
/// are kept in memory; all of them are looked up again every second in one statement, and one that
/// is no more ends then at the latest.
@Component
class AgentTokens {

    private static final Logger LOG = LoggerFactory.getLogger(AgentTokens.class);

    private final AgentTokenRepository rows;
    private final JdbcClient jdbc;
    private final ConcurrentHashMap<Secret.Hash, UUID> known = new ConcurrentHashMap<>();

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
        Ledger.afterCommit(() -> known.values().removeIf(hostId::equals));
    }

    @Scheduled(fixedDelayString = "PT1S")
    void lookAgain() {
        if (known.isEmpty()) {
            return;
        }
        try {
            Set<Secret.Hash> good =
                    jdbc
                            .sql("select encode(token_hash, 'hex') from agent_tokens")
                            .query((row, _) -> new Secret.Hash(row.getString(1)))
                            .list()
                            .stream()
                            .collect(Collectors.toSet());
            known.keySet().retainAll(good);
        } catch (DataAccessException e) {
            // Without the ledger nothing is known to be good.
            LOG.warn("the tokens of agents cannot be looked up: {}", e.toString());
            known.clear();
        }
    }
}
