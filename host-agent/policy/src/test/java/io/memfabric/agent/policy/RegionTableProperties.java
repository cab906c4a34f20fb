package io.memfabric.agent.policy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.region.ExportName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Fault F16 at a lender: random commands in any order, repeated and late, against what must always
/// hold.
class RegionTableProperties {

    private static final int SEEDS = 300;
    private static final int STEPS = 200;
    private static final UUID BOOT = new UUID(0, 1);

    /// One run: the table under test and what has been seen of it.
    private static final class Run {
        private final Random random;
        private RegionTable table = RegionTable.empty(BOOT);
        private final List<Long> fencing = new ArrayList<>();
        private final List<PrepareRegions> sent = new ArrayList<>();
        private final List<FenceRegions> acknowledged = new ArrayList<>();
        private final Map<Long, Long> generations = new TreeMap<>();
        private int claims;
        private int fences;

        Run(long seed) {
            random = new Random(seed);
        }

        private PrepareRegions randomPrepare() {
            if (!sent.isEmpty() && random.nextInt(4) == 0) {
                return sent.get(random.nextInt(sent.size()));
            }
            PrepareRegions command =
                    new PrepareRegions(
                            UUID.randomUUID(),
                            grant(),
                            random.nextInt(6),
                            "%032x".formatted(random.nextInt(3)),
                            claims());
            sent.add(command);
            return command;
        }

        private UUID grant() {
            return new UUID(1, random.nextInt(3));
        }

        private List<RegionClaim> claims() {
            List<RegionClaim> claims = new ArrayList<>();
            for (int i = 0; i <= random.nextInt(3); i++) {
                long region = 1L + random.nextInt(6);
                long near = generations.getOrDefault(region, 0L) + random.nextInt(4) - 1;
                UUID boot = random.nextInt(20) == 0 ? new UUID(9, 9) : BOOT;
                claims.add(new RegionClaim(boot, region, Math.max(0, near)));
            }
            return claims;
        }

        void step() {
            switch (random.nextInt(7)) {
                case 6 -> saveAndGoOn();
                case 0 -> table = table.withNewRegion();
                case 1 -> table = table.without(table.surplus(random.nextInt(8)));
                case 2, 3 -> prepare(randomPrepare());
                case 4 -> fence();
                default -> endFence();
            }
            check();
        }

        private void prepare(PrepareRegions command) {
            switch (table.prepare(command)) {
                case RegionTable.Preparation.Claimed claimed -> {
                    claims++;
                    for (RegionClaim claim : command.regions()) {
                        assertThat(holder(claim.regionId())).isEmpty();
                        assertThat(isFenced(command, claim)).isFalse();
                    }
                    table = claimed.next();
                    for (RegionClaim claim : command.regions()) {
                        assertThat(table.admits(name(command, claim))).isTrue();
                    }
                    assertThat(table.prepare(command))
                            .isInstanceOf(RegionTable.Preparation.Repeated.class);
                }
                case RegionTable.Preparation.Repeated repeated ->
                        command.regions()
                                .forEach(
                                        claim ->
                                                assertThat(table.admits(name(command, claim)))
                                                        .isTrue());
                case RegionTable.Preparation.Refused refused ->
                        assertThat(refused.code()).matches("[a-z_]+");
            }
        }

        /// Whether an acknowledged fence has ended exactly this claim.
        private boolean isFenced(PrepareRegions command, RegionClaim claim) {
            return acknowledged.stream()
                    .anyMatch(
                            fence ->
                                    fence.grantId().equals(command.grantId())
                                            && fence.epoch() >= command.epoch()
                                            && fence.regions().contains(claim));
        }

        private void fence() {
            FenceRegions command =
                    new FenceRegions(UUID.randomUUID(), grant(), random.nextInt(6), claims());
            Map<Long, RegionReport> before = reports();
            RegionTable.Fencing begun = table.beginFence(command);
            table = begun.next();
            for (Long region : begun.cut()) {
                fences++;
                RegionReport held = requireNonNull(before.get(region));
                assertThat(held.grantId()).isEqualTo(command.grantId());
                assertThat(held.epoch()).isLessThanOrEqualTo(command.epoch());
            }
            fencing.addAll(begun.cut());
            // Only a fence that did something, or found the region free, is one that the broker
            // may take for the end of the claim.
            if (begun.underway().isEmpty() && command.regions().stream().allMatch(this::isKnown)) {
                List<RegionClaim> ended =
                        command.regions().stream()
                                .filter(
                                        claim ->
                                                begun.cut().contains(claim.regionId())
                                                        || isFree(before.get(claim.regionId())))
                                .toList();
                acknowledged.add(
                        new FenceRegions(
                                command.commandId(), command.grantId(), command.epoch(), ended));
            }
        }

        private static boolean isFree(@Nullable RegionReport report) {
            return report != null && report.state() == RegionReport.State.FREE;
        }

        private boolean isKnown(RegionClaim claim) {
            return claim.bootId().equals(BOOT) && reports().containsKey(claim.regionId());
        }

        private void endFence() {
            table = table.endFence(fencing);
            fencing.clear();
        }

        /// A fence that is under way is not answered, so it is begun anew: this is between fences.
        private void saveAndGoOn() {
            endFence();
            table = RegionTable.of(table.save());
        }

        private Map<Long, RegionReport> reports() {
            return table.report().stream()
                    .collect(Collectors.toMap(RegionReport::regionId, Function.identity()));
        }

        private Optional<UUID> holder(long region) {
            return Optional.ofNullable(reports().get(region)).map(RegionReport::grantId);
        }

        private static ExportName name(PrepareRegions command, RegionClaim claim) {
            return new ExportName(
                    claim.bootId(),
                    claim.regionId(),
                    claim.generation(),
                    command.grantId(),
                    command.epoch(),
                    command.capability());
        }

        private void check() {
            for (RegionReport report : table.report()) {
                long before = generations.getOrDefault(report.regionId(), 0L);
                assertThat(report.generation()).isGreaterThanOrEqualTo(before);
                generations.put(report.regionId(), report.generation());
            }
            for (RegionReport report : table.report()) {
                long admitted =
                        sent.stream()
                                .flatMap(
                                        command ->
                                                command.regions().stream()
                                                        .map(claim -> name(command, claim)))
                                .filter(name -> name.regionId() == report.regionId())
                                .filter(table::admits)
                                .distinct()
                                .count();
                assertThat(admitted).isLessThanOrEqualTo(1);
                if (report.state() == RegionReport.State.FREE) {
                    assertThat(admitted).isZero();
                }
            }
        }
    }

    @Test
    void oneOwnerAndOnlyGrowingNumbersWhateverArrives() {
        int claims = 0;
        int fences = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Run run = new Run(seed);
            try {
                for (int step = 0; step < STEPS; step++) {
                    run.step();
                }
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            claims += run.claims;
            fences += run.fences;
        }
        assertThat(claims).isGreaterThan(SEEDS);
        assertThat(fences).isGreaterThan(SEEDS / 2);
    }
}
