package io.memfabric.broker.access;

import java.util.Optional;
import java.util.UUID;
import org.springframework.data.repository.Repository;

interface ApiTokenRepository extends Repository<ApiTokenEntity, UUID> {

    ApiTokenEntity save(ApiTokenEntity token);

    Optional<ApiTokenEntity> findByTokenHash(byte[] tokenHash);

    Optional<ApiTokenEntity> findByName(String name);
}
