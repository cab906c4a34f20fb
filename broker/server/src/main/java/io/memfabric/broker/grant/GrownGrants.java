package io.memfabric.broker.grant;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Which grants hosts asked for by themselves.
@Component
class GrownGrants {

    private final JdbcClient jdbc;

    GrownGrants(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Puts every other request for the same VM in a line behind this one.
    void lock(UUID vmId) {
        jdbc.sql("select vm_id from vm_policies where vm_id = ? for update")
                .param(vmId)
                .query()
                .listOfRows();
    }

    /// The grant that a host's request began.
    Optional<UUID> of(UUID hostId, UUID growthId) {
        return jdbc.sql("select id from grants where growth_id = ? and borrower_id = ?")
                .params(List.of(growthId, hostId))
                .query(UUID.class)
                .optional();
    }

    void note(UUID grantId, UUID growthId) {
        jdbc.sql("update grants set growth_id = ? where id = ?")
                .params(List.of(growthId, grantId))
                .update();
    }

    /// What a VM holds in grants that its host asked for, in bytes.
    long heldBytes(UUID vmId) {
        return jdbc.sql(
                        "select coalesce(sum(size_bytes), 0) from grants where vm_id = ?"
                                + " and growth_id is not null"
                                + " and state not in ('RELEASED', 'FAILED')")
                .param(vmId)
                .query(Long.class)
                .single();
    }
}
