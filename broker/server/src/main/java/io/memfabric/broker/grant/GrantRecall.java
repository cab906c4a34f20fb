package io.memfabric.broker.grant;

import io.memfabric.broker.command.Commands;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.policy.GrantEvent;
import io.memfabric.broker.policy.LenderState;
import io.memfabric.broker.policy.RecallPolicy;
import io.memfabric.broker.policy.RecallPolicy.CopyHome;
import io.memfabric.broker.policy.RecallPolicy.Drop;
import io.memfabric.broker.policy.RecallPolicy.Held;
import io.memfabric.broker.policy.RecallPolicy.Move;
import io.memfabric.broker.policy.RecallPolicy.Other;
import io.memfabric.broker.policy.RecallPolicy.Plan;
import io.memfabric.broker.policy.RecallPolicy.Slot;
import io.memfabric.broker.policy.RecallPolicy.Time;
import io.memfabric.broker.policy.RepairPolicy.LegHealth;
import io.memfabric.broker.policy.RepairPolicy.LegNow;
import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.ReplaceLegs;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.springframework.stereotype.Service;

/// Takes grants off a lender that needs its memory back.
@Service
public class GrantRecall {

    private final GrantRepository grants;
    private final GrantParts parts;
    private final GrantLives lives;
    private final CopyReports reports;
    private final LegTurnover turnover;
    private final Replacing replacing;
    private final Commands commands;
    private final Inventory inventory;
    private final Ledger ledger;
    private final InstantSource clock;

    GrantRecall(
            GrantRepository grants,
            GrantParts parts,
            GrantLives lives,
            CopyReports reports,
            LegTurnover turnover,
            Replacing replacing,
            Commands commands,
            Inventory inventory,
            Ledger ledger,
            InstantSource clock) {
        this.grants = grants;
        this.parts = parts;
        this.lives = lives;
        this.reports = reports;
        this.turnover = turnover;
        this.replacing = replacing;
        this.commands = commands;
        this.inventory = inventory;
        this.ledger = ledger;
        this.clock = clock;
    }

    /// What was begun.
    ///
    /// @param unplaced legs that are to be moved and for which there is no room, not even on the disks
    ///     of their borrowers
    /// @param spilled legs that go to those disks
    public record Begun(Plan plan, int unplaced, int spilled) {

        /// One sentence for an operator.
        public String because() {
            return spilled == 0
                    ? plan.because()
                    : plan.because()
                            + "; %d of them to their borrowers' disks, since no other host has room"
                                    .formatted(spilled);
        }
    }

    private record Moved(int unplaced, int spilled) {
        private static final Moved ALL = new Moved(0, 0);
    }

    /// Begins what it takes so that a host lends no more than this many regions, counting what is
    /// under way already.
    ///
    public Begun begin(UUID hostId, int mayLend, Time time) {
        List<GrantParts.LegAt> serving = parts.servingAt(hostId);
        int regions = serving.size() - mayLend;
        if (regions <= 0) {
            return new Begun(new Plan(List.of(), 0, "all that is missing is under way"), 0, 0);
        }
        Plan plan = RecallPolicy.plan(regions, time, judged(serving));
        int unplaced = 0;
        int spilled = 0;
        for (RecallPolicy.Step step : plan.steps()) {
            Moved moved =
                    ledger.change(
                            () ->
                                    grants.lock(step.grantId())
                                            .map(grant -> begin(grant, hostId, step))
                                            .orElse(Moved.ALL));
            unplaced += moved.unplaced();
            spilled += moved.spilled();
        }
        return new Begun(plan, unplaced, spilled);
    }

    private List<Held> judged(List<GrantParts.LegAt> serving) {
        Map<UUID, Copies> copies = new HashMap<>();
        Map<UUID, Boolean> changeable = new HashMap<>();
        List<Held> held = new ArrayList<>();
        for (GrantParts.LegAt leg : serving) {
            boolean mayChange =
                    leg.settled()
                            && changeable.computeIfAbsent(
                                    leg.grantId(), id -> mayChange(id, leg.borrowerId()));
            Slot slot = new Slot(leg.extentIndex(), leg.legIndex());
            Other other =
                    leg.copies() == 1
                            ? Other.NONE
                            : copies.computeIfAbsent(leg.grantId(), this::copiesOf).beside(slot);
            held.add(
                    new Held(
                            leg.grantId(),
                            slot.extent(),
                            slot.leg(),
                            leg.notice(),
                            other,
                            mayChange));
        }
        return held;
    }

    /// A borrower that is not heard, or has just refused, is not asked.
    private boolean mayChange(UUID grantId, UUID borrowerId) {
        Instant after = clock.instant().minus(Replacing.REFUSAL);
        return inventory.isReachable(borrowerId)
                && !refused(borrowerId, grantId, DropLegs.class, after)
                && !refused(borrowerId, grantId, ReplaceLegs.class, after);
    }

    private boolean refused(
            UUID borrowerId, UUID grantId, Class<? extends AgentCommand> kind, Instant after) {
        return commands.wasRefused(borrowerId, grantId, kind, after);
    }

    /// The copies of a grant's pages.
    ///
    /// @param home the legs that the borrower's disk has or is to have
    private record Copies(Map<Slot, LegHealth> health, Set<Slot> home) {

        /// What else there is of a leg's pages.
        Other beside(Slot leg) {
            Slot other = otherOf(leg);
            return switch (health.getOrDefault(other, LegHealth.PARTIAL)) {
                case WHOLE -> Other.WHOLE;
                case LegHealth _ when home.contains(other) -> Other.COMING_HOME;
                case LOST, SILENT ->
                        health.get(leg) == LegHealth.WHOLE ? Other.GONE : Other.PARTIAL;
                case PARTIAL, BROKEN -> Other.PARTIAL;
            };
        }
    }

    private Copies copiesOf(UUID grantId) {
        return grants.findById(grantId)
                .map(this::copiesOf)
                .orElseGet(() -> new Copies(Map.of(), Set.of()));
    }

    private Copies copiesOf(GrantEntity grant) {
        Map<Slot, LegHealth> health = new HashMap<>();
        Set<Slot> home = new HashSet<>();
        List<Leg> legs = parts.legs(grant.id());
        for (LegNow leg : reports.judge(grant, legs)) {
            health.put(new Slot(leg.extent(), leg.leg()), leg.health());
        }
        Map<Integer, LenderState> shares = lives.load(grant).shares();
        for (Leg leg : legs) {
            // What was dropped a moment ago is gone, whether or not the borrower has reported it.
            if (leg.use() == LegUse.HELD && shares.get(leg.share()) != LenderState.READY) {
                health.put(slot(leg), LegHealth.LOST);
            } else if (leg.isLive() && leg.hostId().equals(grant.borrowerId())) {
                home.add(slot(leg));
            }
        }
        return new Copies(health, home);
    }

    /// Begins a step if it is still right.
    private Moved begin(GrantEntity grant, UUID hostId, RecallPolicy.Step step) {
        if (!lives.load(grant).isRecallable()) {
            return Moved.ALL;
        }
        Set<Slot> named = new HashSet<>(step.legs());
        List<Leg> legs =
                parts.legs(grant.id()).stream()
                        .filter(leg -> leg.use() == LegUse.HELD && leg.isLive())
                        .filter(leg -> leg.hostId().equals(hostId))
                        .filter(leg -> named.contains(slot(leg)))
                        .toList();
        if (legs.isEmpty()) {
            return Moved.ALL;
        }
        return switch (step) {
            case Drop _ -> {
                drop(grant, legs);
                yield Moved.ALL;
            }
            case Move move -> move(grant, legs, move.orSpill());
            case CopyHome _ -> copyHome(grant, legs);
        };
    }

    /// A round goes to other lenders or to the disk. What one leaves over is the next one's.
    private Moved move(GrantEntity grant, List<Leg> legs, boolean orSpill) {
        List<Replacing.Slot> slots =
                legs.stream()
                        .map(leg -> new Replacing.Slot(leg.extentIndex(), leg.legIndex()))
                        .toList();
        Instant now = clock.instant();
        int placed = replacing.begin(grant, slots, GrantEvent.MovePlaced::new, now);
        int spilled =
                placed == 0 && orSpill
                        ? replacing.spill(grant, slots, GrantEvent.MovePlaced::new, now)
                        : 0;
        return new Moved(slots.size() - placed - spilled, spilled);
    }

    /// A round in which the borrower's disk takes the place of what is gone. The next round drops
    /// these legs.
    private Moved copyHome(GrantEntity grant, List<Leg> legs) {
        if (!lives.load(grant).isRepairable()) {
            return Moved.ALL;
        }
        Copies copies = copiesOf(grant);
        List<Replacing.Slot> gone =
                legs.stream()
                        .map(GrantRecall::slot)
                        .filter(leg -> copies.beside(leg) == Other.GONE)
                        .map(GrantRecall::otherOf)
                        .map(other -> new Replacing.Slot(other.extent(), other.leg()))
                        .toList();
        int spilled = replacing.spill(grant, gone, GrantEvent.RepairPlaced::new, clock.instant());
        return new Moved(gone.size() - spilled, spilled);
    }

    private void drop(GrantEntity grant, List<Leg> legs) {
        Copies copies = copiesOf(grant);
        Map<Integer, List<Leg>> byShare = new HashMap<>();
        for (Leg leg : legs) {
            if (copies.beside(slot(leg)) == Other.WHOLE) {
                byShare.computeIfAbsent(leg.share(), _ -> new ArrayList<>()).add(leg);
            }
        }
        if (byShare.isEmpty()) {
            return;
        }
        Set<Integer> leaving = new HashSet<>();
        byShare.forEach(
                (share, some) -> leaving.add(turnover.shareOfOnly(grant.id(), share, some)));
        lives.apply(grant, new GrantEvent.DropWanted(leaving));
    }

    private static Slot slot(Leg leg) {
        return new Slot(leg.extentIndex(), leg.legIndex());
    }

    private static Slot otherOf(Slot leg) {
        return new Slot(leg.extent(), 1 - leg.leg());
    }
}
