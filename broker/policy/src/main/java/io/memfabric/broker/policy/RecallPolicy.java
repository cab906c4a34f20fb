package io.memfabric.broker.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Chooses which legs leave a lender that needs its memory back, and how.
///
/// The rungs, in this order: second copies are dropped, since the grant goes on with the other one
/// and nothing has to be copied first; then legs are moved to other lenders; a leg for which none of
/// them has room is spilled to the disk of its borrower, once the time is short. The last copy of a
/// grant with two cannot be moved: that disk takes the place of the copy that is gone, and once it
/// has every page this one is a second copy. Within a rung `SPOT` grants give way first and
/// `GUARANTEED` ones last. The last whole copy of a page is never dropped. What is under way already
/// counts as given back.
public final class RecallPolicy {

    private RecallPolicy() {}

    /// What else there is of a leg's pages.
    public enum Other {
        /// Another leg has every page.
        WHOLE,
        /// Another leg lacks pages.
        PARTIAL,
        /// Another leg is made at the borrower's disk, so that this one can be dropped.
        COMING_HOME,
        /// Another leg was lost or dropped, and this one has every page.
        GONE,
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

    /// The borrower's disk takes the place of the other copies of these legs' pages.
    public record CopyHome(UUID grantId, List<Slot> legs) implements Step {}

    /// What is to be done.
    ///
    /// @param steps at most one for each grant
    /// @param missing how many regions no step gives back: they wait
    /// @param because one sentence for an operator
    public record Plan(List<Step> steps, int missing, String because) {}

    private enum Rung {
        DROP,
        MOVE,
        COPY_HOME
    }

    /// Plans for a lender.
    ///
    /// @param regions how many regions it needs back, apart from what leaves already
    /// @param time once it is over, `GUARANTEED` second copies are dropped too
    public static Plan plan(int regions, Time time, Collection<Held> held) {
        Map<Rung, Map<UUID, List<Slot>>> steps = new EnumMap<>(Rung.class);
        Set<UUID> begun = new HashSet<>();
        Set<UUID> stay = new HashSet<>();
        int comingHome = count(held, Other.COMING_HOME);
        int left = Math.max(0, regions - comingHome);
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
            Map<UUID, List<Slot>> chosen = new LinkedHashMap<>();
            for (Held leg : candidates) {
                if (left == 0) {
                    break;
                }
                if (!leg.changeable()
                        || begun.contains(leg.grantId())
                        || leg.other() == Other.PARTIAL
                        || (rung == Rung.COPY_HOME && !maySpill(leg, time))) {
                    waiting++;
                    continue;
                }
                chosen.computeIfAbsent(leg.grantId(), _ -> new ArrayList<>())
                        .add(new Slot(leg.extent(), leg.leg()));
                if (!maySpill(leg, time)) {
                    stay.add(leg.grantId());
                }
                left--;
            }
            begun.addAll(chosen.keySet());
            steps.put(rung, chosen);
        }
        return new Plan(
                steps.entrySet().stream()
                        .flatMap(e -> steps(e.getKey(), e.getValue(), stay))
                        .toList(),
                left,
                because(steps, comingHome, left, waiting));
    }

    private static Stream<Step> steps(Rung rung, Map<UUID, List<Slot>> chosen, Set<UUID> stay) {
        return chosen.entrySet().stream()
                .map(
                        e -> {
                            UUID grant = e.getKey();
                            List<Slot> legs = List.copyOf(e.getValue());
                            return switch (rung) {
                                case DROP -> new Drop(grant, legs);
                                case MOVE -> new Move(grant, legs, !stay.contains(grant));
                                case COPY_HOME -> new CopyHome(grant, legs);
                            };
                        });
    }

    /// A disk is slow, so it is left to the second half of the time, and what is guaranteed is kept
    /// from it until the deadline has passed. It takes pages of which there is one copy: beside another
    /// it would be no help, since a borrower waits for both.
    private static boolean maySpill(Held leg, Time time) {
        Time from = leg.notice() == NoticeClass.GUARANTEED ? Time.OVER : Time.SHORT;
        return (leg.other() == Other.NONE || leg.other() == Other.GONE)
                && time.compareTo(from) >= 0;
    }

    private static @Nullable Rung rungOf(Held leg, Time time) {
        return switch (leg.other()) {
            case WHOLE ->
                    leg.notice() != NoticeClass.GUARANTEED || time == Time.OVER
                            ? Rung.DROP
                            : Rung.MOVE;
            case PARTIAL, NONE -> Rung.MOVE;
            case GONE -> Rung.COPY_HOME;
            case COMING_HOME -> null;
        };
    }

    private static int count(Collection<Held> held, Other other) {
        return (int) held.stream().filter(leg -> leg.other() == other).count();
    }

    private static String because(
            Map<Rung, Map<UUID, List<Slot>>> steps, int comingHome, int left, int waiting) {
        int home = comingHome + count(steps, Rung.COPY_HOME);
        return "%d regions by dropping second copies, %d by moving%s; %d wait (%d legs cannot leave now)"
                .formatted(
                        count(steps, Rung.DROP),
                        count(steps, Rung.MOVE),
                        home == 0
                                ? ""
                                : ", %d last copies once their borrowers have another"
                                        .formatted(home),
                        left,
                        waiting);
    }

    private static int count(Map<Rung, Map<UUID, List<Slot>>> steps, Rung rung) {
        return steps.getOrDefault(rung, Map.of()).values().stream().mapToInt(List::size).sum();
    }
}
