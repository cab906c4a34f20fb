package io.memfabric.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.vocabulary.LatencyClass;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlacementPolicyTest {

    private static final UUID BORROWER = new UUID(0, 1);
    private static final UUID A = new UUID(0, 2);
    private static final UUID B = new UUID(0, 3);
    private static final UUID C = new UUID(0, 4);

    @Test
    void neverPlacesOnTheBorrowersHost() {
        assertThat(refusal(1, 1, host(BORROWER, 100))).isEqualTo("insufficient_capacity");
        assertThat(placed(2, 1, host(BORROWER, 100), host(A, 2)))
                .containsExactly(List.of(A), List.of(A));
    }

    @Test
    void passesOverHostsThatAreUnreachableOrDoNotLend() {
        LenderCandidate silent = new LenderCandidate(A, false, true, 10);
        LenderCandidate resting = new LenderCandidate(B, true, false, 10);
        assertThat(refusal(1, 1, silent, resting)).isEqualTo("insufficient_capacity");
        assertThat(placed(1, 1, silent, resting, host(C, 1))).containsExactly(List.of(C));
    }

    @Test
    void putsTheLegsOfAnExtentOnDifferentHosts() {
        assertThat(placed(3, 2, host(A, 3), host(B, 3)))
                .allSatisfy(legs -> assertThat(legs).containsExactlyInAnyOrder(A, B));
        assertThat(refusal(1, 2, host(A, 100))).isEqualTo("insufficient_capacity");
    }

    @Test
    void findsTheOnlyPlacementThatThereIs() {
        // A has to be in every extent, or the third one has only one host left.
        assertThat(placed(3, 2, host(A, 3), host(B, 2), host(C, 1)))
                .allSatisfy(legs -> assertThat(legs).contains(A).doesNotHaveDuplicates());
        assertThat(refusal(3, 2, host(A, 9), host(B, 1), host(C, 1)))
                .isEqualTo("insufficient_capacity");
    }

    @Test
    void keepsWhatRemainsFreeLevel() {
        List<List<UUID>> legs = placed(10, 1, host(A, 20), host(B, 10), host(C, 4));
        assertThat(
                        legs.stream()
                                .flatMap(List::stream)
                                .collect(Collectors.groupingBy(id -> id, Collectors.counting())))
                .containsEntry(A, 10L)
                .hasSize(1);
        assertThat(placed(4, 1, host(A, 5), host(B, 5)).stream().distinct()).hasSize(2);
    }

    @Test
    void aLargeGrantLiesOnFewLendersWhereTheyHaveTheRoom() {
        LenderCandidate[] many =
                IntStream.range(0, 100)
                        .mapToObj(i -> host(new UUID(7, i), 50))
                        .toArray(LenderCandidate[]::new);
        assertThat(placed(80, 1, many).stream().distinct()).hasSize(8);
        assertThat(placed(80, 2, many).stream().flatMap(List::stream).distinct()).hasSize(16);
        assertThat(because(80, many)).contains("on 8 of 100", "10 at a time");
        // Otherwise it is placed all the same, in as many pieces as it takes.
        assertThat(placed(80, 2, host(A, 80), host(B, 60), host(C, 20))).hasSize(80);
    }

    @Test
    void lendersThatWillSoonWantTheirMemoryBackComeLast() {
        LenderCandidate restless = host(A, 20);
        LenderCandidate steady = steady(B, 5, 3);
        assertThat(placed(2, 1, restless, steady)).containsExactly(List.of(B), List.of(B));
        assertThat(because(2, restless, steady)).contains("not soon want the memory back");
        // What is more than they will leave lies where most is free.
        assertThat(placed(5, 1, restless, steady))
                .containsExactly(List.of(B), List.of(B), List.of(B), List.of(A), List.of(A));
        assertThat(because(5, restless, steady)).contains("2 legs found no place there");
        assertThat(because(2, restless)).doesNotContain("want the memory back");
    }

    @Test
    void anOutlookKeepsNoPlacementFromBeingFound() {
        // By outlook C would be first, and A would be left with one extent too few.
        assertThat(placed(3, 2, host(A, 3), host(B, 2), steady(C, 1, 1)))
                .allSatisfy(legs -> assertThat(legs).contains(A).doesNotHaveDuplicates());
    }

    @Test
    void refusesAClassThatNothingWasMeasuredFor() {
        PlacementDecision decision =
                PlacementPolicy.place(
                        new PlacementRequest(BORROWER, 1, 1, LatencyClass.LOW),
                        List.of(host(A, 10)));
        assertThat(decision)
                .isInstanceOfSatisfying(
                        PlacementDecision.Refused.class,
                        r -> assertThat(r.failure().code()).isEqualTo("latency_class_unavailable"));
    }

    @Test
    void saysWhatIsMissing() {
        PlacementDecision decision =
                PlacementPolicy.place(
                        request(4, 1),
                        List.of(host(A, 3), new LenderCandidate(B, false, true, 50)));
        assertThat(decision)
                .isInstanceOfSatisfying(
                        PlacementDecision.Refused.class,
                        r ->
                                assertThat(r.failure().detail())
                                        .contains("needs 4 regions")
                                        .contains("3 regions are free on 1 of 2")
                                        .contains("1 unreachable"));
    }

    private static LenderCandidate host(UUID id, long free) {
        return new LenderCandidate(id, true, true, free);
    }

    private static LenderCandidate steady(UUID id, long free, long steady) {
        return new LenderCandidate(
                id, true, true, true, free, 0, FailureDomain.UNKNOWN, null, steady);
    }

    private static String because(int extents, LenderCandidate... hosts) {
        PlacementDecision decision = PlacementPolicy.place(request(extents, 1), List.of(hosts));
        assertThat(decision).isInstanceOf(PlacementDecision.Placed.class);
        return ((PlacementDecision.Placed) decision).because();
    }

    private static PlacementRequest request(int extents, int copies) {
        return new PlacementRequest(BORROWER, extents, copies, LatencyClass.ANY);
    }

    private static List<List<UUID>> placed(int extents, int copies, LenderCandidate... hosts) {
        PlacementDecision decision =
                PlacementPolicy.place(request(extents, copies), List.of(hosts));
        assertThat(decision).isInstanceOf(PlacementDecision.Placed.class);
        return ((PlacementDecision.Placed) decision).legs();
    }

    private static String refusal(int extents, int copies, LenderCandidate... hosts) {
        PlacementDecision decision =
                PlacementPolicy.place(request(extents, copies), List.of(hosts));
        assertThat(decision).isInstanceOf(PlacementDecision.Refused.class);
        return ((PlacementDecision.Refused) decision).failure().code();
    }
}
