package io.memfabric.broker.access;

import java.time.Instant;
import java.util.Optional;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface JoinTokenRepository extends Repository<JoinTokenEntity, byte[]> {

    JoinTokenEntity save(JoinTokenEntity token);

    Optional<JoinTokenEntity> findByTokenHash(byte[] tokenHash);

    /// Marks a token as used, unless somebody was quicker or it is too late.
    @Modifying
    @Query(
            "update JoinTokenEntity t set t.usedAt = :now"
                    + " where t.tokenHash = :hash and t.usedAt is null and t.expiresAt > :now")
    int use(byte[] hash, Instant now);

    @Modifying
    @Query("delete from JoinTokenEntity t where t.expiresAt < :before")
    int forget(Instant before);
}
