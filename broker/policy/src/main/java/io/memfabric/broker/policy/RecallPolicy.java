package io.memfabric.broker.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Chooses which legs leave a lender that needs its memory back, and how.
///
/// The rungs, in this order: second copies are dropped, since the grant goes on with the other one
/// and nothing has to be copied first; then legs are moved to other lenders. Within a rung `SPOT`
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
    public record Move(UUID grantId, List<Slot> legs) implements Step {}

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
    /// @param late whether the deadline has passed: then `GUARANTEED` second copies are dropped too
    public static Plan plan(int regions, boolean late, Collection<Held> held) {
        Map<UUID, List<Slot>> drops = new LinkedHashMap<>();
        Map<UUID, List<Slot>> moves = new LinkedHashMap<>();
        int left = regions;
        int waiting = 0;
        for (Rung rung : Rung.values()) {
            List<Held> candidates =
                    held.stream()
                            .filter(leg -> rung == rungOf(leg, late))
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
                left--;
            }
        }
        List<Step> steps = new ArrayList<>();
        drops.forEach((grant, legs) -> steps.add(new Drop(grant, List.copyOf(legs))));
        moves.forEach((grant, legs) -> steps.add(new Move(grant, List.copyOf(legs))));
        return new Plan(
                List.copyOf(steps),
                left,
                "%d regions by dropping second copies, %d by moving; %d wait (%d legs cannot leave now)"
                        .formatted(count(drops), count(moves), left, waiting));
    }

    private static Rung rungOf(Held leg, boolean late) {
        return leg.other() == Other.WHOLE && (leg.notice() != NoticeClass.GUARANTEED || late)
                ? Rung.DROP
                : Rung.MOVE;
    }

    private static int count(Map<UUID, List<Slot>> steps) {
        return steps.values().stream().mapToInt(List::size).sum();
    }
}
