package io.memfabric.broker.grant;

import jakarta.persistence.LockModeType;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface GrantRepository extends Repository<GrantEntity, UUID> {

    GrantEntity saveAndFlush(GrantEntity grant);

    Optional<GrantEntity> findById(UUID id);

    /// A grant under its row lock: whoever changes a grant's life holds it.
    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select g from GrantEntity g where g.id = :id")
    Optional<GrantEntity> lock(UUID id);

    List<GrantEntity> findByPartOfIsNullAndIdGreaterThanOrderById(UUID after, Limit limit);

    List<GrantEntity> findByPartOfIsNullAndTenantIdAndIdGreaterThanOrderById(
            UUID tenantId, UUID after, Limit limit);

    List<GrantEntity> findByPartOfIsNullAndTenantIdAndVmIdAndIdGreaterThanOrderById(
            UUID tenantId, UUID vmId, UUID after, Limit limit);

    List<GrantEntity> findByPartOfIsNullAndVmIdAndIdGreaterThanOrderById(
            UUID vmId, UUID after, Limit limit);

    /// The further devices of grants, the oldest first.
    List<GrantEntity> findByPartOfInOrderById(Collection<UUID> grants);

    @Query("select g.id from GrantEntity g where g.wantedBytes is not null order by g.id")
    List<UUID> onAWay(Limit limit);
}
