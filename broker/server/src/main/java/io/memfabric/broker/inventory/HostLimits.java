package io.memfabric.broker.inventory;

import io.memfabric.broker.database.Ledger;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// What reports are answered with, in memory: all of it is read again every second in two
/// statements, instead of two for each report. What this broker changes is read again at once; what
/// another one changes is known here a second later.
@Component
class HostLimits {

    private static final Logger LOG = LoggerFactory.getLogger(HostLimits.class);

    private static final String READ =
            "select id, mode, lend_limit_bytes, keep_regions, boot_id from hosts";

    private final JdbcClient jdbc;
    private final AtomicLong changes = new AtomicLong();
    private final Set<UUID> changedMeanwhile = ConcurrentHashMap.newKeySet();
    private final ConcurrentHashMap<UUID, Limit> hosts = new ConcurrentHashMap<>();
    private volatile @Nullable Whole whole;

    HostLimits(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// @param bootId the region table that the ledger believes in, or null before the first inventory
    record Limit(UUID hostId, HarvestMode mode, long mayLendBytes, @Nullable UUID bootId) {}

    /// What holds for every host.
    record Whole(FabricEntity.Harvesting harvesting, long policyRevision) {

        HarvestMode bounded(HarvestMode mode) {
            return harvesting == FabricEntity.Harvesting.STOPPED && mode == HarvestMode.HARVEST
                    ? HarvestMode.PAUSE
                    : mode;
        }
    }

    Optional<Limit> of(UUID hostId) {
        Limit known = hosts.get(hostId);
        if (known != null) {
            return Optional.of(known);
        }
        long before = changes.get();
        Optional<Limit> read =
                jdbc.sql(READ + " where id = ?")
                        .param(hostId)
                        .query((row, _) -> limit(row))
                        .optional();
        if (changes.get() == before) {
            read.ifPresent(limit -> hosts.put(hostId, limit));
        }
        return read;
    }

    Whole whole() {
        Whole known = whole;
        if (known != null) {
            return known;
        }
        long before = changes.get();
        Whole read = readWhole();
        if (changes.get() == before) {
            whole = read;
        }
        return read;
    }

    /// A host is changed in the transaction at hand, or was just now.
    void changed(UUID hostId) {
        Ledger.afterCommit(
                () -> {
                    changes.incrementAndGet();
                    changedMeanwhile.add(hostId);
                    hosts.remove(hostId);
                });
    }

    /// What holds for every host is changed in the transaction at hand.
    void changedWhole() {
        Ledger.afterCommit(
                () -> {
                    changes.incrementAndGet();
                    whole = null;
                });
    }

    @Scheduled(fixedDelayString = "PT1S")
    synchronized void refresh() {
        try {
            changedMeanwhile.clear();
            long before = changes.get();
            Whole fabric = readWhole();
            Map<UUID, Limit> read =
                    jdbc.sql(READ).query((row, _) -> limit(row)).list().stream()
                            .collect(Collectors.toMap(Limit::hostId, limit -> limit));
            hosts.keySet().retainAll(read.keySet());
            // What is as it was stays the same object: it is old to the garbage collector.
            read.forEach(
                    (id, limit) ->
                            hosts.merge(id, limit, (old, now) -> old.equals(now) ? old : now));
            // What was changed after it was read is read again with the next report.
            hosts.keySet().removeAll(changedMeanwhile);
            whole = fabric;
            if (changes.get() != before) {
                whole = null;
            }
        } catch (DataAccessException e) {
            // A host that is answered with old limits for a while is better off than one without.
            LOG.debug("the limits of hosts could not be read", e);
        }
    }

    private Whole readWhole() {
        return jdbc.sql("select harvesting, policy_revision from fabric")
                .query(
                        (row, _) ->
                                new Whole(
                                        FabricEntity.Harvesting.valueOf(row.getString(1)),
                                        row.getLong(2)))
                .single();
    }

    private static Limit limit(ResultSet row) throws SQLException {
        long limit = row.getLong("lend_limit_bytes");
        int keep = row.getInt("keep_regions");
        long kept = row.wasNull() ? Long.MAX_VALUE : keep * FabricLimits.REGION.bytes();
        return new Limit(
                row.getObject("id", UUID.class),
                HarvestMode.valueOf(row.getString("mode")),
                Math.min(limit, kept),
                row.getObject("boot_id", UUID.class));
    }
}
