package io.memfabric.broker.inventory;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.repository.Repository;

interface VmRepository extends Repository<VmEntity, UUID> {

    VmEntity save(VmEntity vm);

    void delete(VmEntity vm);

    Optional<VmEntity> findById(UUID id);

    List<VmEntity> findByIdIn(Collection<UUID> ids);

    List<VmEntity> findByHostId(UUID hostId);
}
