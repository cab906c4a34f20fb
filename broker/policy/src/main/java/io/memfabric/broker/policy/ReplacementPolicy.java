package io.memfabric.broker.policy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// Chooses the hosts of legs that take the place of lost ones: as many as there is room for.
///
/// Each leg goes to the host that has the most free regions left. Where that leaves a leg without a
/// place, legs placed before it are moved along an augmenting path, so no leg is left out for which
/// there was room (Berge, 1957).
public final class ReplacementPolicy {

    private ReplacementPolicy() {}

    /// A leg that needs a host.
    ///
    /// @param barred hosts that it cannot go to besides the borrower
    public record Wanted(int extent, int leg, Set<UUID> barred) {}

    /// Places legs; those that have no place are not in the answer.
    public static Map<Wanted, UUID> place(
            UUID borrowerId, List<Wanted> wanted, List<LenderCandidate> hosts) {
        Board board = new Board();
        hosts.stream()
                .filter(h -> !h.hostId().equals(borrowerId))
                .filter(h -> h.reachable() && h.lending() && h.open() && h.freeRegions() > 0)
                .forEach(h -> board.left.put(h.hostId(), h.freeRegions()));
        Set<Set<UUID>> hopeless = new HashSet<>();
        for (Wanted leg : wanted) {
            // What cannot be placed now cannot be placed after later ones either.
            if (!hopeless.contains(leg.barred()) && !board.put(leg, new HashSet<>())) {
                hopeless.add(leg.barred());
            }
        }
        Map<Wanted, UUID> places = new HashMap<>();
        board.placed.forEach((host, legs) -> legs.forEach(leg -> places.put(leg, host)));
        return Collections.unmodifiableMap(places);
    }

    private static final class Board {
        private final Map<UUID, Long> left = new HashMap<>();
        private final Map<UUID, List<Wanted>> placed = new HashMap<>();

        private boolean put(Wanted leg, Set<UUID> visited) {
            List<UUID> open =
                    left.keySet().stream()
                            .filter(host -> !leg.barred().contains(host))
                            .filter(host -> !visited.contains(host))
                            .sorted(
                                    Comparator.<UUID>comparingLong(
                                                    host -> -left.getOrDefault(host, 0L))
                                            .thenComparing(Comparator.naturalOrder()))
                            .toList();
            for (UUID host : open) {
                if (left.getOrDefault(host, 0L) > 0) {
                    left.merge(host, -1L, Long::sum);
                    legsAt(host).add(leg);
                    return true;
                }
            }
            for (UUID host : open) {
                if (visited.add(host) && makeRoom(host, visited)) {
                    legsAt(host).add(leg);
                    return true;
                }
            }
            return false;
        }

        /// Moves one leg away from a full host. Legs that may go to the same hosts are tried once.
        private boolean makeRoom(UUID host, Set<UUID> visited) {
            List<Wanted> here = legsAt(host);
            Set<Set<UUID>> tried = new HashSet<>();
            for (int i = 0; i < here.size(); i++) {
                Wanted moved = here.get(i);
                if (tried.add(moved.barred()) && put(moved, visited)) {
                    here.remove(i);
                    return true;
                }
            }
            return false;
        }

        private List<Wanted> legsAt(UUID host) {
            return placed.computeIfAbsent(host, _ -> new ArrayList<>());
        }
    }
}
