package io.memfabric.broker.policy.ledger;

import static java.util.Objects.requireNonNull;

import io.memfabric.broker.policy.Failure;
import io.memfabric.broker.policy.GrantAction;
import io.memfabric.broker.policy.GrantEvent;
import io.memfabric.broker.policy.GrantLife;
import io.memfabric.broker.policy.ledger.FabricGrant.Leg;
import io.memfabric.broker.policy.ledger.FabricGrant.Place;
import io.memfabric.broker.policy.ledger.FabricGrant.Use;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A broker that may die at any moment: the grants' lives decide, and what follows from a decision is
/// written in one change of the ledger.
final class FabricBroker {

    static final Failure NO = new Failure("no", "No.");

    /// Something that a host is asked for until it has answered.
    ///
    /// @param host a lender, or null for the grant's borrower
    record Order(UUID id, @Nullable UUID host, UUID grantId, GrantAction action, List<Leg> legs) {}

    /// The end of a broker in the middle of a change.
    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static final class State {
        final Map<UUID, FabricGrant> grants = new TreeMap<>();
        final Map<UUID, Order> open = new LinkedHashMap<>();
        final Map<UUID, UUID> believed = new TreeMap<>();
        long numbers;

        State copy() {
            State copy = new State();
            copy.grants.putAll(grants);
            copy.open.putAll(open);
            copy.believed.putAll(believed);
            copy.numbers = numbers;
            return copy;
        }
    }

    private final RegionsInMemory regions = new RegionsInMemory();
    private final BooleanSupplier dies;
    private final FabricFault fault;
    private State state = new State();
    int deaths;

    FabricBroker(BooleanSupplier dies, FabricFault fault) {
        this.dies = dies;
        this.fault = fault;
    }

    /// Changes the ledger, and answers whether that was committed.
    private boolean change(Runnable what) {
        State before = state;
        state = before.copy();
        boolean whole = false;
        try {
            whole = regions.change(() -> run(what));
        } catch (Crash | Overtaken e) {
            deaths += e instanceof Crash ? 1 : 0;
        } finally {
            state = whole ? state : before;
        }
        return whole;
    }

    private boolean run(Runnable what) {
        try {
            what.run();
            return true;
        } catch (Crash e) {
            if (fault == FabricFault.KEEPS_HALF_A_CHANGE) {
                return false;
            }
            throw e;
        }
    }

    List<FabricGrant> grants() {
        return List.copyOf(state.grants.values());
    }

    List<Order> open() {
        return List.copyOf(state.open.values());
    }

    List<TableId> tables() {
        return state.believed.entrySet().stream()
                .map(entry -> new TableId(entry.getKey(), entry.getValue()))
                .toList();
    }

    List<Region> regions(TableId table) {
        return regions.regions(table);
    }

    /// Grants a device of legs in these places, if there is room.
    void create(List<Place> places, boolean mirrored) {
        change(
                () -> {
                    UUID id = new UUID(1, ++state.numbers);
                    List<Leg> legs = claim(id, 0, places, Use.HELD);
                    int shares = 1 + legs.stream().mapToInt(Leg::share).max().orElseThrow();
                    GrantLife.Step first = GrantLife.begin(shares, mirrored);
                    state.grants.put(id, new FabricGrant(id, first.life(), legs));
                    first.actions().forEach(action -> perform(id, action));
                });
    }

    private List<Leg> claim(UUID id, int firstShare, List<Place> places, Use use) {
        Map<TableId, List<Place>> byTable =
                places.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Place::table, LinkedHashMap::new, Collectors.toList()));
        List<Leg> legs = new ArrayList<>();
        int share = firstShare;
        for (Map.Entry<TableId, List<Place>> at : byTable.entrySet()) {
            TableId table = at.getKey();
            List<RegionClaim> claims = regions.claim(id, table, at.getValue().size());
            mayDie();
            for (int i = 0; i < claims.size(); i++) {
                Place place = at.getValue().get(i);
                legs.add(
                        new Leg(
                                place.extent(),
                                place.copy(),
                                share,
                                table,
                                claims.get(i),
                                use,
                                true));
            }
            share++;
        }
        return legs;
    }

    /// Puts regions of these tables in the place of lost ones.
    void repair(UUID id, List<Place> places) {
        change(
                () -> {
                    FabricGrant grant = grant(id);
                    List<Leg> coming =
                            claim(id, grant.life().shares().lastKey() + 1, places, Use.COMING);
                    List<Leg> legs = new ArrayList<>(grant.legs());
                    legs.addAll(coming);
                    state.grants.put(id, new FabricGrant(id, grant.life(), legs));
                    Set<Integer> shares = new TreeSet<>();
                    coming.forEach(leg -> shares.add(leg.share()));
                    apply(id, new GrantEvent.RepairPlaced(shares));
                });
    }

    void happen(UUID id, GrantEvent event) {
        change(() -> apply(id, event));
    }

    /// An answer counts once, and only while it is waited for.
    void answered(Order order, boolean done) {
        change(
                () -> {
                    if (state.open.remove(order.id()) == null) {
                        return;
                    }
                    apply(
                            order.grantId(),
                            switch (order.action()) {
                                case GrantAction.Prepare a ->
                                        done
                                                ? new GrantEvent.Prepared(a.share())
                                                : new GrantEvent.PrepareRefused(a.share(), NO);
                                case GrantAction.Fence a -> new GrantEvent.Fenced(a.share());
                                case GrantAction.Attach _ ->
                                        done
                                                ? new GrantEvent.Attached()
                                                : new GrantEvent.AttachRefused(NO);
                                case GrantAction.ReplaceLegs _ -> replaced(order.grantId(), done);
                                default ->
                                        done
                                                ? new GrantEvent.Detached()
                                                : new GrantEvent.DetachRefused(NO);
                            });
                });
    }

    private GrantEvent replaced(UUID id, boolean done) {
        FabricGrant grant = grant(id);
        List<Leg> coming = grant.legs(leg -> leg.use() == Use.COMING);
        Set<Integer> joining = coming.stream().map(Leg::share).collect(Collectors.toSet());
        if (!done) {
            return new GrantEvent.ReplaceRefused(joining, NO);
        }
        Predicate<Leg> departs =
                leg -> leg.use() == Use.HELD && coming.stream().anyMatch(leg::isPlacedAs);
        // Only lost legs are replaced here, and a share is lost as a whole.
        Set<Integer> departed =
                grant.legs(departs).stream().map(Leg::share).collect(Collectors.toSet());
        each(
                id,
                leg ->
                        departs.test(leg)
                                ? leg.used(Use.PAST)
                                : leg.use() == Use.COMING ? leg.used(Use.HELD) : leg);
        return new GrantEvent.LegsReplaced(joining, departed);
    }

    /// Takes in what a lender said that it has. Each part is a change of its own; what a death leaves
    /// over is done by the next inventory.
    void take(TableId table, List<RegionReport> inventory) {
        UUID believed = state.believed.get(table.hostId());
        boolean other = !table.bootId().equals(believed);
        if (other && believed != null && fault != FabricFault.FORGETS_WHO_LENT) {
            TableId lost = new TableId(table.hostId(), believed);
            for (FabricGrant grant : grants()) {
                for (int share : sharesAt(grant, lost)) {
                    if (!change(
                            () ->
                                    apply(
                                            grant.id(),
                                            new GrantEvent.LenderLost(share, table.hostId())))) {
                        return;
                    }
                }
            }
        }
        Map<UUID, List<RegionReport>> foreign = new HashMap<>();
        boolean taken =
                change(
                        () -> {
                            if (other) {
                                regions.forgetOthers(table.hostId(), table.bootId(), Medium.MEMORY);
                            }
                            state.believed.put(table.hostId(), table.bootId());
                            mayDie();
                            regions.apply(table, Medium.MEMORY, inventory).foreign().stream()
                                    .forEach(
                                            region ->
                                                    foreign.computeIfAbsent(
                                                                    requireNonNull(
                                                                            region.grantId()),
                                                                    _ -> new ArrayList<>())
                                                            .add(region));
                        });
        if (taken) {
            foreign.forEach((id, kept) -> change(() -> fenceForeign(id, table, kept)));
        }
    }

    private static Set<Integer> sharesAt(FabricGrant grant, TableId table) {
        return grant.legs(leg -> leg.table().equals(table) && !grant.stateOf(leg).isOver()).stream()
                .map(Leg::share)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// A lender keeps regions whose claims have ended.
    private void fenceForeign(UUID id, TableId table, List<RegionReport> kept) {
        Set<RegionClaim> claims =
                kept.stream()
                        .map(r -> new RegionClaim(table.bootId(), r.regionId(), r.generation()))
                        .collect(Collectors.toSet());
        List<Leg> ended = grant(id).legs(leg -> !leg.live() && claims.contains(leg.claim()));
        if (!ended.isEmpty()) {
            send(table.hostId(), id, new GrantAction.Fence(ended.getFirst().share()), ended);
        }
    }

    private void apply(UUID id, GrantEvent event) {
        FabricGrant grant = grant(id);
        GrantLife.Step step = grant.life().on(event);
        state.grants.put(id, new FabricGrant(id, step.life(), grant.legs()));
        step.actions().forEach(action -> perform(id, action));
    }

    private void perform(UUID id, GrantAction action) {
        mayDie();
        switch (action) {
            case GrantAction.Prepare a -> toLender(id, a.share(), a);
            case GrantAction.Fence a -> {
                toLender(id, a.share(), a);
                if (fault == FabricFault.FREES_BEFORE_THE_FENCE) {
                    free(id, a.share());
                }
            }
            case GrantAction.Detach a -> {
                send(null, id, a, List.of());
                if (fault == FabricFault.FENCES_UNDER_THE_DEVICE) {
                    grant(id)
                            .life()
                            .shares()
                            .keySet()
                            .forEach(share -> toLender(id, share, new GrantAction.Fence(share)));
                }
            }
            case GrantAction.Attach a ->
                    send(null, id, a, grant(id).legs(leg -> leg.use() == Use.HELD));
            case GrantAction.ReplaceLegs a ->
                    send(null, id, a, grant(id).legs(leg -> leg.use() == Use.COMING));
            case GrantAction.GiveUpNewLegs _ ->
                    each(id, leg -> leg.use() == Use.COMING ? leg.used(Use.PAST) : leg);
            case GrantAction.FreeRegions a -> free(id, a.share());
            case GrantAction.VoidRegions a -> {
                List<Leg> legs = grant(id).legs(leg -> leg.isIn(a.share()));
                TableId table = legs.getFirst().table();
                state.open
                        .values()
                        .removeIf(
                                order ->
                                        order.grantId().equals(id)
                                                && table.hostId().equals(order.host())
                                                && order.legs().getFirst().table().equals(table));
                regions.remove(id, table, ids(legs));
                each(id, leg -> leg.isIn(a.share()) ? leg.ended() : leg);
            }
            default -> {}
        }
    }

    private void free(UUID id, int share) {
        List<Leg> legs = grant(id).legs(leg -> leg.isIn(share));
        if (!legs.isEmpty() && fault != FabricFault.LEAKS_WHAT_IS_FENCED) {
            regions.free(id, legs.getFirst().table(), ids(legs));
        }
        mayDie();
        each(id, leg -> leg.isIn(share) ? leg.ended() : leg);
    }

    private static List<Long> ids(List<Leg> legs) {
        return legs.stream().map(leg -> leg.claim().regionId()).toList();
    }

    private void toLender(UUID id, int share, GrantAction action) {
        List<Leg> legs = grant(id).legs(leg -> leg.isIn(share));
        if (!legs.isEmpty()) {
            send(legs.getFirst().table().hostId(), id, action, legs);
        }
    }

    private void send(@Nullable UUID host, UUID id, GrantAction action, List<Leg> legs) {
        UUID number = new UUID(2, ++state.numbers);
        state.open.put(number, new Order(number, host, id, action, legs));
    }

    private void each(UUID id, UnaryOperator<Leg> change) {
        FabricGrant grant = grant(id);
        state.grants.put(
                id, new FabricGrant(id, grant.life(), grant.legs().stream().map(change).toList()));
    }

    private FabricGrant grant(UUID id) {
        return requireNonNull(state.grants.get(id));
    }

    private void mayDie() {
        if (dies.getAsBoolean()) {
            throw new Crash();
        }
    }
}
