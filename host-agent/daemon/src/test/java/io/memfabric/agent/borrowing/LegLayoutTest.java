package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.region.RegionSetName;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LegLayoutTest {

    private static final UUID GRANT = new UUID(0, 1);
    private static final long REGION = FabricLimits.REGION.bytes();

    private final List<ExtentPlan> extents = new ArrayList<>();

    private void extent(int lender, long region, int capability) {
        ExportName name =
                new ExportName(
                        new UUID(1, lender), region, 1, GRANT, 1, "%032x".formatted(capability));
        LegPlan leg = new LegPlan(new UUID(2, lender), "10.0.0." + lender + ":4000", name.wire());
        extents.add(new ExtentPlan(extents.size(), List.of(leg)));
    }

    @Test
    void extentsOfOneLenderShareAConnection() throws Exception {
        extent(1, 5, 0);
        extent(2, 8, 0);
        extent(1, 3, 0);
        LegLayout layout = LegLayout.of(extents);
        assertThat(layout.groups()).hasSize(2);
        assertThat(layout.groups().getFirst().address()).isEqualTo("10.0.0.1:4000");
        assertThat(layout.groups().getFirst().regions().regions())
                .extracting(ExportName::regionId)
                .containsExactly(5L, 3L);
        assertThat(layout.groups().getFirst().sizeBytes()).isEqualTo(2 * REGION);
        assertThat(layout.places())
                .containsExactly(
                        new LegLayout.Place(0, 0),
                        new LegLayout.Place(1, 0),
                        new LegLayout.Place(0, REGION));
    }

    @Test
    void differentClaimsHaveConnectionsOfTheirOwn() throws Exception {
        extent(1, 1, 7);
        extent(1, 2, 8);
        assertThat(LegLayout.of(extents).groups()).hasSize(2);
    }

    @Test
    void aNameIsNeverLongerThanTheProtocolAllows() throws Exception {
        for (int i = 0; i < 2 * LegLayout.MAX_REGIONS + 1; i++) {
            extent(1, 999_999_999_999_999_000L + i, 0);
        }
        LegLayout layout = LegLayout.of(extents);
        assertThat(layout.groups()).hasSize(3);
        assertThat(layout.groups())
                .allMatch(group -> group.regions().wire().length() <= RegionSetName.MAX_CHARS);
    }

    @Test
    void copiesOfDifferentExtentsAtOneLenderShareAConnection() throws Exception {
        extent(1, 1, 0);
        extent(2, 1, 0);
        LegPlan first = extents.get(0).legs().getFirst();
        LegPlan second = extents.get(1).legs().getFirst();
        extent(2, 2, 0);
        extent(1, 2, 0);
        LegLayout layout =
                LegLayout.of(
                        List.of(
                                new ExtentPlan(0, List.of(first, second)),
                                new ExtentPlan(
                                        1,
                                        List.of(
                                                extents.get(2).legs().getFirst(),
                                                extents.get(3).legs().getFirst()))));
        assertThat(layout.copies()).isEqualTo(2);
        assertThat(layout.groups()).hasSize(2);
        assertThat(layout.places())
                .containsExactly(
                        new LegLayout.Place(0, 0),
                        new LegLayout.Place(1, 0),
                        new LegLayout.Place(1, REGION),
                        new LegLayout.Place(0, REGION));
    }

    @Test
    void refusesCopiesThatAreNotTwoOfEach() {
        extent(1, 1, 0);
        extent(2, 1, 0);
        LegPlan first = extents.get(0).legs().getFirst();
        LegPlan second = extents.get(1).legs().getFirst();
        assertThatThrownBy(
                        () ->
                                LegLayout.of(
                                        List.of(
                                                new ExtentPlan(0, List.of(first, second)),
                                                new ExtentPlan(1, List.of(first)))))
                .isInstanceOf(BorrowingException.class)
                .extracting("code")
                .isEqualTo("copies_unsupported");
        assertThatThrownBy(() -> LegLayout.of(List.of(new ExtentPlan(0, List.of(first, first)))))
                .isInstanceOf(BorrowingException.class)
                .extracting("code")
                .isEqualTo("copies_on_one_lender");
    }

    @Test
    void refusesNamesThatAreNone() {
        LegPlan leg = new LegPlan(new UUID(2, 2), "10.0.0.1:1", "export");
        assertThatThrownBy(() -> LegLayout.of(List.of(new ExtentPlan(0, List.of(leg)))))
                .isInstanceOf(BorrowingException.class)
                .extracting("code")
                .isEqualTo("bad_plan");
    }
}
