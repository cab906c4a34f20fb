package io.memfabric.broker.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// Chooses which legs leave a lender that needs its memory back, and how.
///
/// The rungs, in this order: second copies are dropped, since the grant goes on with the other one
/// and nothing has to be copied first; then legs are moved to other lenders; a leg for which none of
/// them has room is spilled to the disk of its borrower, once the time is short. Within a rung `SPOT`
/// grants give way first and `GUARANTEED` ones last. The last whole copy of a page is never dropped:
/// such a leg is moved, or it waits. What is under way already counts as given back.
public final class RecallPolicy {

    private RecallPolicy() {}

    /// What else there is of a leg's pages.
    public enum Other {
        /// Another leg has every page.
        WHOLE,
        /// Another leg lacks pages.
        PARTIAL,
        /// There is one copy only.
        NONE
    }

    /// How much of a recall's time is left.
    public enum Time {
        AMPLE,
        /// Half of it has gone.
        SHORT,
        /// The deadline has passed.
        OVER;

        /// The time left at an instant.
        public static Time at(Instant now, Instant began, Instant deadline) {
            if (now.isAfter(deadline)) {
                return OVER;
            }
            return Duration.between(began, now).compareTo(Duration.between(now, deadline)) < 0
                    ? AMPLE
                    : SHORT;
        }
    }

    /// A leg at the lender.
    ///
    /// @param changeable whether the grant's legs may be changed now
    public record Held(
            UUID grantId,
            int extent,
            int leg,
            NoticeClass notice,
            Other other,
            boolean changeable) {}

    /// A leg by its place in its grant's device.
    public record Slot(int extent, int leg) {}

    /// What happens to legs of one grant.
    public sealed interface Step {

        UUID grantId();

        List<Slot> legs();
    }

    /// The grant goes on without these second copies.
    public record Drop(UUID grantId, List<Slot> legs) implements Step {}

    /// These legs get others in their place, elsewhere.
    ///
    /// @param orSpill whether the borrower's disk may take them where no other lender has room
    public record Move(UUID grantId, List<Slot> legs, boolean orSpill) implements Step {}

    /// What is to be done.
    ///
    /// @param steps at most one for each grant
    /// @param missing how many regions no step gives back: they wait
    /// @param because one sentence for an operator
    public record Plan(List<Step> steps, int missing, String because) {}

    private enum Rung {
        DROP,
        MOVE
    }

    /// Plans for a lender.
    ///
    /// @param regions how many regions it needs back, apart from what is under way
    /// @param time once it is over, `GUARANTEED` second copies are dropped too
    public static Plan plan(int regions, Time time, Collection<Held> held) {
        Map<UUID, List<Slot>> drops = new LinkedHashMap<>();
        Map<UUID, List<Slot>> moves = new LinkedHashMap<>();
        Set<UUID> stay = new HashSet<>();
        int left = regions;
        int waiting = 0;
        for (Rung rung : Rung.values()) {
            List<Held> candidates =
                    held.stream()
                            .filter(leg -> rung == rungOf(leg, time))
                            .sorted(
                                    Comparator.comparing(Held::notice)
                                            .reversed()
                                            .thenComparing(Held::grantId)
                                            .thenComparingInt(Held::extent))
                            .toList();
            Map<UUID, List<Slot>> steps = rung == Rung.DROP ? drops : moves;
            for (Held leg : candidates) {
                boolean otherwiseBusy = rung == Rung.MOVE && drops.containsKey(leg.grantId());
                if (left == 0) {
                    break;
                }
                if (!leg.changeable() || otherwiseBusy || leg.other() == Other.PARTIAL) {
                    waiting++;
                    continue;
                }
                steps.computeIfAbsent(leg.grantId(), _ -> new ArrayList<>())
                        .add(new Slot(leg.extent(), leg.leg()));
                if (!maySpill(leg, time)) {
                    stay.add(leg.grantId());
                }
                left--;
            }
        }
        List<Step> steps = new ArrayList<>();
        drops.forEach((grant, legs) -> steps.add(new Drop(grant, List.copyOf(legs))));
        moves.forEach(
                (grant, legs) ->
                        steps.add(new Move(grant, List.copyOf(legs), !stay.contains(grant))));
        return new Plan(
                List.copyOf(steps),
                left,
                "%d regions by dropping second copies, %d by moving; %d wait (%d legs cannot leave now)"
                        .formatted(count(drops), count(moves), left, waiting));
    }

    /// A disk is slow, so it is left to the second half of the time, and what is guaranteed is kept
    /// from it until the deadline has passed. It takes pages of which there is one copy: beside another
    /// it would be no help, since a borrower waits for both.
    private static boolean maySpill(Held leg, Time time) {
        Time from = leg.notice() == NoticeClass.GUARANTEED ? Time.OVER : Time.SHORT;
        return leg.other() == Other.NONE && time.compareTo(from) >= 0;
    }

    private static Rung rungOf(Held leg, Time time) {
        return leg.other() == Other.WHOLE
                        && (leg.notice() != NoticeClass.GUARANTEED || time == Time.OVER)
                ? Rung.DROP
                : Rung.MOVE;
    }

    private static int count(Map<UUID, List<Slot>> steps) {
        return steps.values().stream().mapToInt(List::size).sum();
    }
}
