package io.memfabric.broker.access;

import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface AgentTokenRepository extends Repository<AgentTokenEntity, UUID> {

    AgentTokenEntity save(AgentTokenEntity token);

    Optional<AgentTokenEntity> findByTokenHash(byte[] tokenHash);

    @Modifying
    @Query("delete from AgentTokenEntity t where t.hostId = :hostId")
    int end(UUID hostId);
}
