package io.memfabric.broker.policy.ledger;

import io.memfabric.broker.policy.ledger.Region.State;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A ledger of regions in memory, for what is simulated. Changes come one after the other, each whole
/// or not at all: there is no conflict between them, and none that begins again.
public final class RegionsInMemory implements RegionLedger {

    /// What is in the ledger at one moment.
    private static final class Books {
        private final Map<TableId, Table> tables = new HashMap<>();
        private final Map<TableId, Map<Long, Long>> claimed = new HashMap<>();

        private Books copy() {
            Books copy = new Books();
            tables.forEach(
                    (id, table) ->
                            copy.tables.put(
                                    id, new Table(table.medium, new TreeMap<>(table.regions))));
            claimed.forEach((id, last) -> copy.claimed.put(id, new HashMap<>(last)));
            return copy;
        }
    }

    private record Table(Medium medium, NavigableMap<Long, Region> regions) {}

    private final ReentrantLock turn = new ReentrantLock();
    private Books books = new Books();

    /// Runs a change and answers what it answered. An exception takes everything back.
    public <T> T change(Supplier<T> change) {
        turn.lock();
        try {
            if (turn.getHoldCount() > 1) {
                return change.get();
            }
            Books before = books;
            books = before.copy();
            boolean whole = false;
            try {
                T changed = change.get();
                whole = true;
                return changed;
            } finally {
                if (!whole) {
                    books = before;
                }
            }
        } finally {
            turn.unlock();
        }
    }

    private void run(Runnable change) {
        change(
                () -> {
                    change.run();
                    return true;
                });
    }

    @Override
    public List<Region> regions(TableId table) {
        turn.lock();
        try {
            return List.copyOf(rows(table).values());
        } finally {
            turn.unlock();
        }
    }

    @Override
    public List<RegionClaim> claim(UUID grantId, TableId table, int count) {
        return change(
                () -> {
                    List<Region> free =
                            rows(table).values().stream()
                                    .filter(region -> region.state() == State.FREE)
                                    .limit(count)
                                    .toList();
                    if (free.size() < count) {
                        throw new Overtaken(
                                "host %s has %d free regions, not %d"
                                        .formatted(table.hostId(), free.size(), count));
                    }
                    List<RegionClaim> claims = new ArrayList<>(count);
                    for (Region region : free) {
                        long generation = region.generation() + 1;
                        put(table, region.claimedBy(grantId, generation));
                        noteClaim(table, region.regionId(), generation);
                        claims.add(new RegionClaim(table.bootId(), region.regionId(), generation));
                    }
                    return claims;
                });
    }

    @Override
    public boolean recognise(UUID grantId, TableId table, Map<Long, Long> generations) {
        return change(
                () -> {
                    boolean all = true;
                    for (Map.Entry<Long, Long> wanted : generations.entrySet()) {
                        long id = wanted.getKey();
                        long generation = wanted.getValue();
                        Region region = rows(table).get(id);
                        if (region == null
                                || region.generation() != generation
                                || !grantId.equals(region.heldFor())
                                || lastClaim(table, id) >= generation) {
                            all = false;
                        } else {
                            put(table, region.claimedBy(grantId, generation));
                            noteClaim(table, id, generation);
                        }
                    }
                    return all;
                });
    }

    @Override
    public void free(UUID grantId, TableId table, Collection<Long> regionIds) {
        run(
                () ->
                        held(grantId, table, regionIds)
                                .forEach(
                                        region ->
                                                put(
                                                        table,
                                                        Region.unclaimed(
                                                                region.regionId(),
                                                                region.generation(),
                                                                region.disputed()
                                                                        ? State.BLOCKED
                                                                        : State.FREE,
                                                                null))));
    }

    @Override
    public void withdraw(TableId table, Collection<Long> regionIds) {
        run(
                () ->
                        rows(table)
                                .values()
                                .removeIf(
                                        region ->
                                                region.state() == State.FREE
                                                        && regionIds.contains(region.regionId())));
    }

    @Override
    public void remove(UUID grantId, TableId table, Collection<Long> regionIds) {
        run(() -> rows(table).values().removeAll(held(grantId, table, regionIds)));
    }

    @Override
    public Reconciliation apply(TableId table, Medium medium, List<RegionReport> inventory) {
        return change(
                () -> {
                    books.tables.computeIfAbsent(table, _ -> new Table(medium, new TreeMap<>()));
                    Reconciliation changes = Reconciliation.of(regions(table), inventory);
                    changes.added()
                            .forEach(
                                    region ->
                                            put(
                                                    table,
                                                    region.raisedTo(
                                                            lastClaim(table, region.regionId()))));
                    changes.updated().forEach(region -> put(table, region));
                    changes.removed().forEach(rows(table)::remove);
                    changes.disputed().forEach(id -> dispute(table, id, true));
                    changes.settled().forEach(id -> dispute(table, id, false));
                    return changes;
                });
    }

    @Override
    public void forgetOthers(UUID hostId, @Nullable UUID bootId, Medium medium) {
        run(
                () ->
                        books.tables
                                .entrySet()
                                .removeIf(
                                        entry ->
                                                entry.getKey().hostId().equals(hostId)
                                                        && !entry.getKey().bootId().equals(bootId)
                                                        && entry.getValue().medium() == medium));
    }

    private NavigableMap<Long, Region> rows(TableId table) {
        Table found = books.tables.get(table);
        return found == null ? new TreeMap<>() : found.regions;
    }

    private List<Region> held(UUID grantId, TableId table, Collection<Long> regionIds) {
        return rows(table).values().stream()
                .filter(region -> grantId.equals(region.grantId()))
                .filter(region -> regionIds.contains(region.regionId()))
                .toList();
    }

    private void dispute(TableId table, long regionId, boolean disputed) {
        rows(table).computeIfPresent(regionId, (_, region) -> region.disputed(disputed));
    }

    /// Every state of a region comes in here, whatever the code above thinks of it.
    private void put(TableId table, Region next) {
        Region before = rows(table).put(next.regionId(), next);
        if (before != null && !next.mayFollow(before)) {
            throw new IllegalStateException(next + " after " + before);
        }
    }

    private long lastClaim(TableId table, long regionId) {
        return books.claimed.getOrDefault(table, Map.of()).getOrDefault(regionId, 0L);
    }

    private void noteClaim(TableId table, long regionId, long generation) {
        books.claimed
                .computeIfAbsent(table, _ -> new HashMap<>())
                .merge(regionId, generation, Math::max);
    }
}
