package io.memfabric.broker.access;

import java.util.Optional;
import java.util.UUID;
import org.springframework.data.repository.Repository;

interface AgentTokenRepository extends Repository<AgentTokenEntity, UUID> {

    AgentTokenEntity save(AgentTokenEntity token);

    Optional<AgentTokenEntity> findByTokenHash(byte[] tokenHash);
}
