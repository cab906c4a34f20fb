package io.memfabric.broker.operation;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.repository.Repository;

interface OperationRepository extends Repository<OperationEntity, UUID> {

    OperationEntity save(OperationEntity operation);

    Optional<OperationEntity> findById(UUID id);

    Optional<OperationEntity> findByGrantIdAndKindAndDoneFalse(UUID grantId, OperationKind kind);

    Optional<OperationEntity> findByHostIdAndKindAndDoneFalse(UUID hostId, OperationKind kind);

    List<OperationEntity> findByKindAndDoneFalseOrderById(OperationKind kind);
}
