package io.memfabric.broker.policy.ledger;

import static java.util.Objects.requireNonNull;

import io.memfabric.broker.policy.GrantAction;
import io.memfabric.broker.policy.GrantEvent;
import io.memfabric.broker.policy.GrantState;
import io.memfabric.broker.policy.LenderState;
import io.memfabric.broker.policy.ledger.FabricBroker.Order;
import io.memfabric.broker.policy.ledger.FabricGrant.Leg;
import io.memfabric.broker.policy.ledger.FabricGrant.Place;
import io.memfabric.broker.policy.ledger.FabricGrant.Use;
import io.memfabric.contract.agent.RegionReport;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/// A whole fabric: grants that compete for the regions of a few lenders, through a broker that dies
/// and messages that come late, twice or never. After every step it is held against what must never
/// be; at the end everything is asked back, and must be back.
final class FabricWorld {

    private static final int STEPS = 200;
    private static final int ROUNDS = 200;
    private static final int MOST_GRANTS = 10;

    private record Answer(Order order, boolean done) {}

    private record Inventory(TableId table, List<RegionReport> regions) {}

    private final String seed;
    private final Random random;
    private final Map<UUID, FabricLender> lenders = new TreeMap<>();
    private final FabricBroker broker;

    // What borrowers really use, and what they have answered.
    private final Map<UUID, List<Leg>> devices = new HashMap<>();
    private final Map<UUID, Boolean> answeredByBorrowers = new HashMap<>();

    // What is on its way, or could come again.
    private final List<Answer> answers = new ArrayList<>();
    private final List<Order> old = new ArrayList<>();
    private final List<Inventory> inventories = new ArrayList<>();

    /// Some fabrics are rough and others are not: what happens in peace is seen only in these.
    private final boolean rough;

    private boolean kind;
    private final FabricRules rules;
    int repairs;

    FabricWorld(long seed, FabricFault fault) {
        this.seed = "seed " + seed;
        this.random = new Random(seed);
        this.broker = new FabricBroker(() -> !kind && random.nextInt(100) == 0, fault);
        this.rough = random.nextInt(3) == 0;
        int count = 2 + random.nextInt(3);
        for (int i = 1; i <= count; i++) {
            UUID host = new UUID(0, i);
            lenders.put(host, new FabricLender(host, 2 + random.nextInt(4)));
        }
        this.rules = new FabricRules(this.seed, lenders, broker, devices);
    }

    Set<GrantState> seen() {
        return rules.seen();
    }

    int deaths() {
        return broker.deaths;
    }

    void run() {
        for (int i = 0; i < STEPS; i++) {
            disturb();
            rules.check();
        }
        kind = true;
        settle(false);
        for (FabricGrant grant : broker.grants()) {
            rules.checkServed(grant);
        }
        settle(true);
        rules.checkAllIsBack();
    }

    private void disturb() {
        int dice = random.nextInt(100);
        if (dice < 10) {
            create();
        } else if (dice < 38) {
            deliver();
        } else if (dice < 60) {
            arrive();
        } else if (dice < 66 && !old.isEmpty()) {
            carryOut(any(old));
        } else if (dice < 73) {
            FabricLender lender = anyLender();
            inventories.add(new Inventory(lender.tableId(), lender.report()));
        } else if (dice < 81) {
            takeInventory();
        } else if (dice < (rough ? 85 : 82) && !broker.grants().isEmpty()) {
            broker.happen(any(broker.grants()).id(), new GrantEvent.ReleaseRequested());
        } else if (dice < 87) {
            if (rough || random.nextInt(4) == 0) {
                restart(anyLender());
            }
        } else if (dice < 91) {
            FabricLender lender = anyLender();
            if (lender.offered() < 6 && random.nextBoolean()) {
                lender.offerOneMore();
            } else {
                lender.offerOneLess();
            }
        } else if (dice < 97) {
            broker.grants().forEach(this::repair);
        } else {
            broker.grants().forEach(this::reportCopies);
        }
    }

    private void create() {
        List<TableId> tables = new ArrayList<>(broker.tables());
        boolean mirrored = random.nextBoolean();
        int copies = mirrored ? 2 : 1;
        if (tables.size() < copies || broker.grants().size() >= MOST_GRANTS) {
            return;
        }
        List<Place> places = new ArrayList<>();
        int extents = 1 + random.nextInt(2);
        for (int extent = 0; extent < extents; extent++) {
            Collections.shuffle(tables, random);
            for (int copy = 0; copy < copies; copy++) {
                places.add(new Place(extent, copy, tables.get(copy)));
            }
        }
        broker.create(places, mirrored);
    }

    /// Hosts carry out what they are asked for in its order, until they have answered.
    private void deliver() {
        List<Order> next = new ArrayList<>();
        Set<Object> served = new HashSet<>();
        for (Order order : broker.open()) {
            if (served.add(order.host() == null ? order.grantId() : order.host())) {
                next.add(order);
            }
        }
        if (!next.isEmpty()) {
            Order order = any(next);
            if (order.host() != null) {
                old.add(order);
            }
            carryOut(order);
        }
    }

    private void carryOut(Order order) {
        boolean unwilling = !kind && random.nextInt(rough ? 4 : 15) == 0;
        boolean done =
                order.host() == null
                        ? answeredByBorrowers.computeIfAbsent(
                                order.id(), _ -> borrow(order, unwilling))
                        : lend(order, unwilling);
        int copies = kind ? 1 : random.nextInt(3);
        for (int i = 0; i < copies; i++) {
            answers.add(new Answer(order, done));
        }
    }

    private boolean lend(Order order, boolean unwilling) {
        FabricLender lender = requireNonNull(lenders.get(requireNonNull(order.host())));
        boolean hasNone =
                order.legs().stream().noneMatch(leg -> lender.admits(order.grantId(), leg.claim()));
        boolean refuses = unwilling && hasNone && order.action() instanceof GrantAction.Prepare;
        return !refuses && lender.carryOut(order);
    }

    private boolean borrow(Order order, boolean unwilling) {
        UUID id = order.grantId();
        List<Leg> device = devices.get(id);
        switch (order.action()) {
            case GrantAction.Attach _ when !unwilling -> devices.put(id, order.legs());
            case GrantAction.ReplaceLegs _ when !unwilling && device != null -> {
                List<Leg> next = new ArrayList<>(device);
                next.removeIf(leg -> order.legs().stream().anyMatch(leg::isPlacedAs));
                next.addAll(order.legs());
                devices.put(id, next);
                repairs++;
            }
            case GrantAction.Detach _ when !unwilling || device == null -> devices.remove(id);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void arrive() {
        if (!answers.isEmpty()) {
            Answer answer = any(answers);
            if (random.nextInt(4) > 0) {
                answers.remove(answer);
            }
            broker.answered(answer.order(), answer.done());
        }
    }

    private void takeInventory() {
        if (!inventories.isEmpty()) {
            Inventory said = any(inventories);
            inventories.remove(said);
            broker.take(said.table(), said.regions());
        }
    }

    /// What the old process has said does not come any more: its connection ends with it.
    private void restart(FabricLender lender) {
        inventories.removeIf(said -> said.table().equals(lender.tableId()));
        lender.restart(2 + random.nextInt(4));
    }

    private void repair(FabricGrant grant) {
        List<Leg> held = grant.legs(leg -> leg.use() == Use.HELD);
        List<Leg> lost =
                held.stream().filter(leg -> grant.stateOf(leg) == LenderState.LOST).toList();
        if (!grant.life().isRepairable() || lost.isEmpty()) {
            return;
        }
        List<Place> places = new ArrayList<>();
        for (Leg leg : lost) {
            Leg other =
                    held.stream()
                            .filter(l -> l.extent() == leg.extent() && l.copy() != leg.copy())
                            .findFirst()
                            .orElseThrow();
            List<TableId> room =
                    broker.tables().stream()
                            .filter(table -> !table.hostId().equals(other.table().hostId()))
                            .toList();
            if (lost.contains(other) || room.isEmpty()) {
                return;
            }
            places.add(new Place(leg.extent(), leg.copy(), any(room)));
        }
        broker.repair(grant.id(), places);
    }

    private void reportCopies(FabricGrant grant) {
        List<Leg> device = devices.get(grant.id());
        if (device != null) {
            boolean whole = device.stream().allMatch(rules::isThere);
            broker.happen(grant.id(), new GrantEvent.CopiesReported(whole));
        }
    }

    /// Nobody refuses, dies or is silent any more.
    private void settle(boolean asksAllBack) {
        for (int round = 0; round < ROUNDS; round++) {
            List<FabricGrant> before = broker.grants();
            lenders.values().forEach(lender -> broker.take(lender.tableId(), lender.report()));
            rules.check();
            broker.grants().forEach(this::reportCopies);
            for (FabricGrant grant : broker.grants()) {
                if (asksAllBack && grant.life().isReleasable()) {
                    broker.happen(grant.id(), new GrantEvent.ReleaseRequested());
                } else if (!asksAllBack) {
                    repair(grant);
                }
            }
            for (Order order : broker.open()) {
                carryOut(order);
            }
            for (Answer answer : List.copyOf(answers)) {
                broker.answered(answer.order(), answer.done());
                rules.check();
            }
            answers.clear();
            if (broker.open().isEmpty() && broker.grants().equals(before)) {
                return;
            }
        }
        throw new AssertionError(seed + " never comes to rest: " + broker.open());
    }

    private FabricLender anyLender() {
        return any(List.copyOf(lenders.values()));
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
