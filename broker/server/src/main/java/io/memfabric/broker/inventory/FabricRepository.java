package io.memfabric.broker.inventory;

import java.util.Optional;
import org.springframework.data.repository.Repository;

interface FabricRepository extends Repository<FabricEntity, Short> {

    Optional<FabricEntity> findById(Short id);

    FabricEntity saveAndFlush(FabricEntity fabric);
}
