package io.memfabric.broker.inventory;

import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface HostRepository extends Repository<HostEntity, UUID> {

    HostEntity saveAndFlush(HostEntity host);

    /// By a query, to which the entity's restriction applies as it does not to a look-up by key.
    @Query("select h from HostEntity h where h.id = :id")
    Optional<HostEntity> findById(UUID id);

    Optional<HostEntity> findByName(String name);

    List<HostEntity> findAll();

    List<HostEntity> findByIdIn(Collection<UUID> ids);

    List<HostEntity> findByIdGreaterThanOrderById(UUID after, Limit limit);

    List<HostEntity> findByIdLessThanOrderByIdDesc(UUID before, Limit limit);

    /// A host under its row lock.
    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select h from HostEntity h where h.id = :id")
    Optional<HostEntity> lock(UUID id);

    /// Lets a host in again that was removed.
    @Modifying
    @Query(
            value =
                    "update hosts set removed_at = null where name = :name"
                            + " and removed_at is not null",
            nativeQuery = true)
    int readmit(String name);

    /// A host that is heard is not lost.
    @Modifying
    @Query(
            value =
                    "update hosts set lost_at = null, powered_off = false, loss_settled = true"
                            + " where id = :id and lost_at is not null",
            nativeQuery = true)
    int noteHeard(UUID id);

    @Modifying
    @Query(
            value = "update hosts set boot_id = :bootId, last_report_at = :now where id = :id",
            nativeQuery = true)
    int believe(UUID id, UUID bootId, Instant now);
}
