package io.memfabric.broker.inventory;

import java.util.Optional;
import java.util.UUID;
import org.springframework.data.repository.Repository;

interface VmRepository extends Repository<VmEntity, UUID> {

    Optional<VmEntity> findById(UUID id);
}
