package io.memfabric.broker.lending;

import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/// The regions that hosts keep on their own disks. Placement knows nothing of them: they serve grants
/// of their own host alone, and only what a recall can put nowhere else.
@Service
public class Spills {

    private final JdbcClient jdbc;

    Spills(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Identity of a host's table of them, in which the ledger believes.
    public Optional<UUID> tableOf(UUID hostId) {
        return jdbc.sql(
                        "select spill_boot_id from hosts where id = ? and spill_boot_id is not null")
                .param(hostId)
                .query(UUID.class)
                .optional();
    }

    void believe(UUID hostId, @Nullable UUID bootId) {
        jdbc.sql("update hosts set spill_boot_id = :boot where id = :host")
                .param("boot", bootId)
                .param("host", hostId)
                .update();
    }

    /// How many of them can be claimed.
    public int freeAt(UUID hostId) {
        return jdbc.sql(
                        "select count(*) from regions r join hosts h on h.id = r.host_id"
                                + " and h.spill_boot_id = r.boot_id"
                                + " where r.host_id = ? and r.state = 'FREE'")
                .param(hostId)
                .query(Integer.class)
                .single();
    }
}
