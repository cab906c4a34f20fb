package io.memfabric.broker.inventory;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.repository.Repository;

interface VmRepository extends Repository<VmEntity, UUID> {

    Optional<VmEntity> findById(UUID id);

    List<VmEntity> findByIdGreaterThanOrderById(UUID after, Limit limit);

    List<VmEntity> findByTenantIdAndIdGreaterThanOrderById(UUID tenantId, UUID after, Limit limit);

    List<VmEntity> findByTenantIdAndHostIdAndIdGreaterThanOrderById(
            UUID tenantId, UUID hostId, UUID after, Limit limit);

    List<VmEntity> findByHostIdAndIdGreaterThanOrderById(UUID hostId, UUID after, Limit limit);
}
