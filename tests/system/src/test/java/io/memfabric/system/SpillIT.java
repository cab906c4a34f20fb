package io.memfabric.system;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.LegReplacement;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.ReplaceLegs;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.lab.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A lender needs back all that it lends, no other has room, and the borrower's own disk takes the
/// last copies while its device is under load. Its agent is killed then: what is spilled has to
/// outlive it.
final class SpillIT {

    private static final int EXTENTS = 2;
    private static final long REGION = FabricLimits.REGION.bytes();
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final UUID grant = UUID.randomUUID();
    private final UUID borrower = UUID.randomUUID();
    private volatile @Nullable Throwable failure;
    private volatile double spilledSeconds;
    private volatile double backSeconds;
    private String told = "";

    /// At last another lender has room again.
    @Test
    void theOnlyCopyGoesToTheDiskAndComesBack(@TempDir Path folder) throws Exception {
        try (LenderProcess needy = LenderProcess.start(grant, EXTENTS);
                LenderProcess later = LenderProcess.start(grant, EXTENTS)) {
            underLoad(folder, plan(needy), (broker, agent) -> recall(broker, agent, needy, later));
            System.out.printf(
                    Locale.ROOT,
                    "%s s until the lender's host has it, %.3f s back to another lender%n",
                    told,
                    backSeconds);
        }
    }

    /// One lender has had its memory back before, so the other one's copy is the last.
    @Test
    void theLastCopyOfTwoGoesToTheDisk(@TempDir Path folder) throws Exception {
        try (LenderProcess first = LenderProcess.start(grant, EXTENTS);
                LenderProcess last = LenderProcess.start(grant, EXTENTS)) {
            underLoad(
                    folder,
                    plan(first, last),
                    (broker, agent) -> recallBoth(broker, agent, first, last));
            System.out.printf("%s s until the last lender's host has it%n", told);
        }
    }

    private interface Recall {
        void carryOut(BrokerDouble broker, HeldAgent agent) throws IOException;
    }

    private void underLoad(Path folder, AttachGrant plan, Recall recall) throws Exception {
        try (BrokerDouble broker = new BrokerDouble();
                HeldAgent agent =
                        HeldAgent.start(
                                folder,
                                plan,
                                new HeldAgent.Mode(
                                        broker.url(), true, "spill.log", EXTENTS * REGION))) {
            Await.that("the agent", LIMIT, () -> agent.logged("is served again") > 0);
            Await.that("its disk", LIMIT, () -> broker.spill() != null);
            Path socket = folder.resolve("run").resolve(grant.toString()).resolve("disk.sock");
            int pages = (int) (EXTENTS * REGION / FabricLimits.PAGE.bytes());
            AtomicBoolean over = new AtomicBoolean();
            try (PageClient client = new PageClient(socket, grant.toString(), pages, 53)) {
                client.writeAll();
                Thread thread =
                        Thread.ofPlatform().start(() -> guarded(recall, broker, agent, over));
                while (!over.get()) {
                    client.round();
                }
                thread.join();
                client.readAll();
                assertThat(failure).isNull();
                told =
                        "recall of %d MiB to the borrower's disk: I/O errors %d, wrong pages %d, %.3f"
                                .formatted(
                                        (EXTENTS * REGION) >> 20,
                                        client.errors,
                                        client.wrongPages,
                                        spilledSeconds);
                assertThat(client.errors).isZero();
                assertThat(client.wrongPages).isZero();
                assertThat(client.pauses).hasSize(1);
            }
        }
    }

    private void guarded(Recall recall, BrokerDouble broker, HeldAgent agent, AtomicBoolean over) {
        try {
            recall.carryOut(broker, agent);
        } catch (IOException e) {
            failure = new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            failure = e;
        } finally {
            over.set(true);
        }
    }

    private void recallBoth(
            BrokerDouble broker, HeldAgent agent, LenderProcess first, LenderProcess last)
            throws IOException {
        drop(broker, first);
        first.giveBack();
        long since = System.nanoTime();
        List<RegionClaim> claims = prepareDisk(broker);
        long inventories = broker.inventories();
        replace(broker, first::leg, extent -> diskLeg(agent, claims.get(extent)));
        Await.that(
                "a copy on the disk",
                LIMIT,
                () -> broker.inventories() > inventories && broker.legs().isEmpty());
        drop(broker, last);
        last.giveBack();
        spilledSeconds = (System.nanoTime() - since) / 1e9;
        killAgent(broker, agent);
    }

    private void drop(BrokerDouble broker, LenderProcess lender) {
        List<DropLegs.Dropped> legs = new ArrayList<>();
        for (int extent = 0; extent < EXTENTS; extent++) {
            legs.add(new DropLegs.Dropped(extent, lender.leg(extent).exportName()));
        }
        carryOut(broker, new DropLegs(UUID.randomUUID(), grant, 1, legs));
    }

    private List<RegionClaim> prepareDisk(BrokerDouble broker) {
        UUID table = requireNonNull(broker.spill()).bootId();
        List<RegionClaim> claims = new ArrayList<>();
        for (long region = 1; region <= EXTENTS; region++) {
            claims.add(new RegionClaim(table, region, 1));
        }
        carryOut(
                broker,
                new PrepareRegions(UUID.randomUUID(), grant, 1, LenderProcess.CAPABILITY, claims));
        return claims;
    }

    private static void killAgent(BrokerDouble broker, HeldAgent agent) {
        UUID table = requireNonNull(broker.spill()).bootId();
        agent.agent().ifPresent(ProcessHandle::destroyForcibly);
        Await.that("the next agent", LIMIT, () -> agent.logged("is served again") > 1);
        long inventories = broker.inventories();
        Await.that("its inventory", LIMIT, () -> broker.inventories() > inventories);
        assertThat(requireNonNull(broker.spill()).bootId()).isEqualTo(table);
    }

    private void recall(
            BrokerDouble broker, HeldAgent agent, LenderProcess needy, LenderProcess later)
            throws IOException {
        long since = System.nanoTime();
        List<RegionClaim> claims = prepareDisk(broker);
        IntFunction<LegPlan> onDisk = extent -> diskLeg(agent, claims.get(extent));
        replace(broker, needy::leg, onDisk);
        needy.giveBack();
        spilledSeconds = (System.nanoTime() - since) / 1e9;

        killAgent(broker, agent);
        long back = System.nanoTime();
        replace(broker, onDisk, later::leg);
        carryOut(broker, new FenceRegions(UUID.randomUUID(), grant, 1, claims));
        backSeconds = (System.nanoTime() - back) / 1e9;
    }

    private void replace(BrokerDouble broker, IntFunction<LegPlan> old, IntFunction<LegPlan> with) {
        List<LegReplacement> replacements = new ArrayList<>();
        for (int extent = 0; extent < EXTENTS; extent++) {
            replacements.add(
                    new LegReplacement(extent, old.apply(extent).exportName(), with.apply(extent)));
        }
        carryOut(broker, new ReplaceLegs(UUID.randomUUID(), grant, 1, replacements));
    }

    private static void carryOut(BrokerDouble broker, AgentCommand command) {
        broker.give(command);
        Await.that(
                command.getClass().getSimpleName(),
                LIMIT,
                () -> broker.isDone(command.commandId()));
    }

    private LegPlan diskLeg(HeldAgent agent, RegionClaim claim) {
        ExportName name =
                new ExportName(
                        claim.bootId(),
                        claim.regionId(),
                        claim.generation(),
                        grant,
                        1,
                        LenderProcess.CAPABILITY);
        return new LegPlan(borrower, agent.dataAddress(), name.wire());
    }

    private AttachGrant plan(LenderProcess... lenders) {
        List<ExtentPlan> extents = new ArrayList<>();
        for (int extent = 0; extent < EXTENTS; extent++) {
            int its = extent;
            extents.add(
                    new ExtentPlan(extent, Arrays.stream(lenders).map(l -> l.leg(its)).toList()));
        }
        return new AttachGrant(
                UUID.randomUUID(),
                grant,
                1,
                UUID.randomUUID(),
                "mf-spill",
                AttachMode.SWAP,
                EXTENTS * REGION,
                extents,
                UUID.randomUUID());
    }
}
