package io.memfabric.agent.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.borrowing.Borrowing;
import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.DeviceStop;
import io.memfabric.agent.borrowing.ExportedDisk;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.GrantStop;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.LegReplacement;
import io.memfabric.contract.agent.LegReport;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class GrantRecoveryTest {

    private static final Duration WAIT = Duration.ofSeconds(10);

    @TempDir private Path folder;

    /// Refuses each grant with its codes, one after the other, then opens it.
    private static final class Reluctant implements Borrowing {
        final Map<UUID, List<String>> refusals = new ConcurrentHashMap<>();
        final Map<UUID, CountDownLatch> opened = new ConcurrentHashMap<>();

        @Override
        public Optional<DeviceStop> stopOf(UUID grantId) {
            return Optional.empty();
        }

        @Override
        public long writesTo(UUID grantId) {
            return 0;
        }

        @Override
        public ExportedDisk open(AttachGrant plan) {
            throw new IllegalStateException("a held grant is resumed, not opened");
        }

        @Override
        public ExportedDisk resume(AttachGrant plan) throws BorrowingException {
            List<String> left = refusals.getOrDefault(plan.grantId(), List.of());
            if (!left.isEmpty()) {
                refusals.put(plan.grantId(), left.subList(1, left.size()));
                throw new BorrowingException(left.getFirst(), "not now", null);
            }
            latch(plan.grantId()).countDown();
            return new ExportedDisk(
                    plan.grantId(), plan.epoch(), Path.of("/s"), "e", plan.sizeBytes());
        }

        CountDownLatch latch(UUID grantId) {
            return opened.computeIfAbsent(grantId, _ -> new CountDownLatch(1));
        }

        @Override
        public void replaceLegs(
                UUID grantId, List<LegReplacement> replacements, Runnable remember) {}

        @Override
        public void dropLegs(UUID grantId, List<DropLegs.Dropped> legs) {}

        @Override
        public List<LegReport> legsNotWhole(UUID grantId) {
            return List.of();
        }

        @Override
        public void whenLegsChange(Runnable listener) {}

        @Override
        public Optional<ExportedDisk> find(UUID grantId) {
            return Optional.empty();
        }

        @Override
        public void close(UUID grantId) {}

        @Override
        public void close() {}
    }

    private final Reluctant borrowing = new Reluctant();

    private static AttachGrant plan() {
        LegPlan leg = new LegPlan(UUID.randomUUID(), "127.0.0.1:7440", "export");
        return new AttachGrant(
                UUID.randomUUID(),
                UUID.randomUUID(),
                1,
                UUID.randomUUID(),
                "mf-1",
                AttachMode.SWAP,
                FabricLimits.REGION.bytes(),
                List.of(new ExtentPlan(0, List.of(leg))),
                null);
    }

    private HeldGrants grants() throws IOException {
        return HeldGrants.load(folder.resolve("grants.json"));
    }

    /// What an earlier agent wrote, read by a new one.
    private HeldGrants heldByAnEarlierAgent(AttachGrant... plans) throws IOException {
        HeldGrants earlier = grants();
        for (AttachGrant plan : plans) {
            earlier.put(HeldGrant.begun(plan).attached());
        }
        return grants();
    }

    @Test
    void opensEveryHeldGrantWithItsWholePlan() throws Exception {
        AttachGrant one = plan();
        AttachGrant two = plan();
        HeldGrants held = heldByAnEarlierAgent(one, two);
        assertThat(held.all()).extracting(HeldGrant::plan).containsExactly(one, two);
        try (GrantRecovery recovery = new GrantRecovery(borrowing, held)) {
            recovery.begin(WAIT);
            assertThat(borrowing.latch(one.grantId()).await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(borrowing.latch(two.grantId()).await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void waitsForALenderThatIsAwayAndHoldsUpNothingForIt() throws Exception {
        AttachGrant plan = plan();
        borrowing.refusals.put(
                plan.grantId(), List.of("leg_unreachable", "leg_unreachable", "leg_unreachable"));
        try (GrantRecovery recovery = new GrantRecovery(borrowing, heldByAnEarlierAgent(plan))) {
            recovery.begin(WAIT);
            assertThat(borrowing.latch(plan.grantId()).await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(recovery.stopOf(plan.grantId())).isEmpty();
        }
    }

    @Test
    void aGrantWithoutItsMetadataStopsAndTheOthersGoOn() throws Exception {
        AttachGrant lost = plan();
        AttachGrant good = plan();
        borrowing.refusals.put(lost.grantId(), List.of("metadata_missing"));
        HeldGrants held = heldByAnEarlierAgent(lost, good);
        try (GrantRecovery recovery = new GrantRecovery(borrowing, held)) {
            recovery.begin(WAIT);
            assertThat(borrowing.latch(good.grantId()).await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(recovery.stopOf(lost.grantId()).map(GrantStop::code))
                    .contains("metadata_missing");
            assertThat(recovery.stopOf(good.grantId())).isEmpty();
            assertThat(borrowing.latch(lost.grantId()).getCount()).isOne();
            assertThat(held.find(lost.grantId())).isPresent();
        }
    }

    @Test
    void onlyTheAgentMayReadThePlans() throws Exception {
        heldByAnEarlierAgent(plan());
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(folder.resolve("grants.json"))))
                .isEqualTo("rw-------");
    }
}
