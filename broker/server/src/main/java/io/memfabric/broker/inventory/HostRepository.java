package io.memfabric.broker.inventory;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface HostRepository extends Repository<HostEntity, UUID> {

    HostEntity saveAndFlush(HostEntity host);

    Optional<HostEntity> findById(UUID id);

    Optional<HostEntity> findByName(String name);

    List<HostEntity> findAll();

    List<HostEntity> findByIdIn(Collection<UUID> ids);

    List<HostEntity> findByIdGreaterThanOrderById(UUID after, Limit limit);

    @Modifying
    @Query(
            value = "update hosts set boot_id = :bootId, last_report_at = :now where id = :id",
            nativeQuery = true)
    int believe(UUID id, UUID bootId, Instant now);
}
