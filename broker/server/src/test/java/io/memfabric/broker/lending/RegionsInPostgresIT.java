package io.memfabric.broker.lending;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.policy.ledger.Medium;
import io.memfabric.broker.policy.ledger.Reconciliation;
import io.memfabric.broker.policy.ledger.Region;
import io.memfabric.broker.policy.ledger.RegionLedger;
import io.memfabric.broker.policy.ledger.TableId;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The ledger in PostgreSQL keeps the contract, and does what the one in memory does, whatever is
/// asked of both.
class RegionsInPostgresIT extends RegionLedgerContract {

    private static final int SEEDS = 20;
    private static final int STEPS = 60;
    private static final int REGIONS = 5;

    private static LedgerUnderTest ledger;

    @BeforeAll
    static void start() {
        ledger = new LedgerInPostgres();
    }

    @AfterAll
    static void stop() {
        ledger.close();
    }

    @Override
    LedgerUnderTest ledger() {
        return ledger;
    }

    /// What a change is given up with, after it has done all that it does.
    private static final class GivenUp extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /// A call, and whether its change is given up after it.
    private record Call(String name, Function<RegionLedger, Object> what, boolean givenUp) {

        /// What came of it, to compare.
        Object on(LedgerUnderTest ledger) {
            try {
                return ledger.change(
                        () -> {
                            Object answer = what.apply(ledger.regions());
                            if (givenUp || answer.equals(false)) {
                                throw new GivenUp();
                            }
                            return answer;
                        });
            } catch (RuntimeException e) {
                return e.getClass();
            }
        }
    }

    @Test
    void doesWhatTheLedgerInMemoryDoes() {
        LedgerUnderTest memory = new LedgerInMemory();
        Map<String, Integer> answered = new TreeMap<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            Random random = new Random(seed);
            List<UUID> grants = List.of(newGrant(), newGrant(), newGrant());
            List<TableId> tables = new ArrayList<>(List.of(newTable(), newTable()));
            for (int step = 0; step < STEPS; step++) {
                int at = random.nextInt(tables.size());
                TableId table = tables.get(at);
                Call call = call(random, table, grants, memory.regions().regions(table));
                String said = "seed %d, step %d: %s".formatted(seed, step, call.name());
                Object theirs = call.on(memory);
                assertThat(call.on(ledger)).as(said).isEqualTo(theirs);
                assertThat(sorted(ledger.regions(), table))
                        .as(said)
                        .isEqualTo(sorted(memory.regions(), table));
                answered.merge(
                        call.name() + (theirs instanceof Class<?> c ? " " + c.getSimpleName() : ""),
                        1,
                        Integer::sum);
                if (random.nextInt(20) == 0) {
                    tables.set(at, new TableId(table.hostId(), UUID.randomUUID()));
                }
            }
        }
        assertThat(answered)
                .containsKeys(
                        "claim",
                        "claim Overtaken",
                        "claim GivenUp",
                        "free",
                        "free GivenUp",
                        "withdraw",
                        "remove",
                        "recognise",
                        "recognise GivenUp",
                        "apply",
                        "apply GivenUp",
                        "forgetOthers");
    }

    private static Call call(
            Random random, TableId table, List<UUID> grants, List<Region> regions) {
        UUID grant = grants.get(random.nextInt(grants.size()));
        List<Long> some =
                LongStream.rangeClosed(1, REGIONS)
                        .filter(_ -> random.nextBoolean())
                        .boxed()
                        .toList();
        boolean givenUp = random.nextInt(5) == 0;
        int dice = random.nextInt(100);
        if (dice < 30) {
            int count = 1 + random.nextInt(3);
            return new Call(
                    "claim", l -> new HashSet<RegionClaim>(l.claim(grant, table, count)), givenUp);
        } else if (dice < 60) {
            List<RegionReport> inventory = inventory(random, grants, regions);
            return new Call("apply", l -> sets(l.apply(table, Medium.MEMORY, inventory)), givenUp);
        } else if (dice < 75) {
            return new Call("free", done(l -> l.free(grant, table, some)), givenUp);
        } else if (dice < 80) {
            return new Call("withdraw", done(l -> l.withdraw(table, some)), givenUp);
        } else if (dice < 85) {
            return new Call("remove", done(l -> l.remove(grant, table, some)), givenUp);
        } else if (dice < 98) {
            Map<Long, Long> kept =
                    regions.stream()
                            .filter(region -> region.heldFor() != null || random.nextInt(9) == 0)
                            .limit(1 + random.nextInt(2))
                            .collect(
                                    Collectors.toMap(
                                            Region::regionId, r -> Math.max(1, r.generation())));
            UUID holder =
                    regions.stream()
                            .map(Region::heldFor)
                            .flatMap(Stream::ofNullable)
                            .findFirst()
                            .orElse(grant);
            return new Call("recognise", l -> l.recognise(holder, table, kept), givenUp);
        }
        return new Call(
                "forgetOthers",
                done(l -> l.forgetOthers(table.hostId(), table.bootId(), Medium.MEMORY)),
                givenUp);
    }

    /// Mostly what a lender could say, and sometimes anything.
    private static List<RegionReport> inventory(
            Random random, List<UUID> grants, List<Region> regions) {
        Map<Long, Region> known =
                regions.stream().collect(Collectors.toMap(Region::regionId, r -> r));
        List<RegionReport> inventory = new ArrayList<>();
        for (long id = 1; id <= REGIONS; id++) {
            Region region = known.get(id);
            long generation = region == null ? 0 : region.generation();
            long said = Math.max(0, generation + random.nextInt(-2, 3));
            int dice = random.nextInt(10);
            if (dice < 6) {
                inventory.add(new RegionReport(id, said, RegionReport.State.FREE, null, 0));
            } else if (dice < 9) {
                UUID holder = grants.get(random.nextInt(grants.size()));
                inventory.add(
                        new RegionReport(
                                id, Math.max(1, said), RegionReport.State.CLAIMED, holder, 1));
            }
        }
        return inventory;
    }

    private static Function<RegionLedger, Object> done(Consumer<RegionLedger> call) {
        return ledger -> {
            call.accept(ledger);
            return true;
        };
    }

    /// What was changed, whatever the order of the rows.
    private static Object sets(Reconciliation changes) {
        return List.of(
                new HashSet<>(changes.added()),
                new HashSet<>(changes.updated()),
                new HashSet<>(changes.removed()),
                new HashSet<>(changes.disputed()),
                new HashSet<>(changes.settled()),
                new HashSet<>(changes.foreign()));
    }

    private static List<Region> sorted(RegionLedger regions, TableId table) {
        return regions.regions(table).stream()
                .sorted(Comparator.comparingLong(Region::regionId))
                .toList();
    }
}
