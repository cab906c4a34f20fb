package io.memfabric.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.LegReplacement;
import io.memfabric.contract.agent.ReplaceLegs;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.lab.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// A lender needs back all that it lends while its borrower is under load: second copies are dropped,
/// only copies move to another lender. The time counts from the order to the borrower until the
/// lender's host has the memory.
///
/// `recall.extents` says how much is lent (16 are 1 GiB), `recall.rounds` how often it is recalled,
/// `recall.figures` is the folder where the figures go.
final class RecallIT {

    private static final int EXTENTS = Integer.getInteger("recall.extents", 2);
    private static final int ROUNDS = Integer.getInteger("recall.rounds", 2);
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final UUID grant = UUID.randomUUID();
    private final List<Double> seconds = new ArrayList<>();
    private volatile @Nullable Throwable failure;
    private long errors;

    private interface Rounds {
        void run(BrokerDouble broker) throws IOException;
    }

    @Test
    void dropsSecondCopiesWithoutAnError(@TempDir Path folder) throws Exception {
        try (LenderProcess kept = LenderProcess.start(grant, EXTENTS);
                LenderProcess needy = LenderProcess.start(grant, EXTENTS)) {
            underLoad(folder, plan(kept, needy), broker -> drop(broker, needy));
        }
        report("recall.mirrored_1gib_s");
    }

    private void drop(BrokerDouble broker, LenderProcess needy) throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            List<LegPlan> legs = legs(needy);
            List<DropLegs.Dropped> leaving = new ArrayList<>();
            for (int extent = 0; extent < EXTENTS; extent++) {
                leaving.add(new DropLegs.Dropped(extent, legs.get(extent).exportName()));
            }
            long since = System.nanoTime();
            UUID drop = UUID.randomUUID();
            broker.give(new DropLegs(drop, grant, 1, leaving));
            Await.that("the legs to be dropped", LIMIT, () -> broker.isDone(drop));
            needy.giveBack();
            seconds.add((System.nanoTime() - since) / 1e9);

            needy.kill();
            needy.restart();
            replace(broker, legs, needy);
            long inventories = broker.inventories();
            Await.that(
                    "a whole grant",
                    LIMIT,
                    () -> broker.inventories() > inventories && broker.legs().isEmpty());
        }
    }

    @Test
    void movesOnlyCopiesWithoutAnError(@TempDir Path folder) throws Exception {
        try (LenderProcess first = LenderProcess.start(grant, EXTENTS);
                LenderProcess second = LenderProcess.start(grant, EXTENTS)) {
            underLoad(folder, plan(first), broker -> move(broker, List.of(first, second)));
        }
        report("recall.moved_1gib_s");
    }

    private void move(BrokerDouble broker, List<LenderProcess> lenders) throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            LenderProcess needy = lenders.get(round % 2);
            long since = System.nanoTime();
            replace(broker, legs(needy), lenders.get((round + 1) % 2));
            needy.giveBack();
            seconds.add((System.nanoTime() - since) / 1e9);
            needy.kill();
            needy.restart();
        }
    }

    private void replace(BrokerDouble broker, List<LegPlan> old, LenderProcess with) {
        List<LegReplacement> replacements = new ArrayList<>();
        for (int extent = 0; extent < EXTENTS; extent++) {
            replacements.add(
                    new LegReplacement(extent, old.get(extent).exportName(), with.leg(extent)));
        }
        UUID replace = UUID.randomUUID();
        broker.give(new ReplaceLegs(replace, grant, 1, replacements));
        Await.that("the legs to be replaced", LIMIT, () -> broker.isDone(replace));
    }

    /// Carries rounds out while a client reads and writes, all of whose pages were written before.
    private void underLoad(Path folder, AttachGrant plan, Rounds rounds) throws Exception {
        Path socket = folder.resolve("run").resolve(grant.toString()).resolve("disk.sock");
        int pages = (int) (plan.sizeBytes() / FabricLimits.PAGE.bytes());
        try (BrokerDouble broker = new BrokerDouble();
                HeldAgent agent =
                        HeldAgent.start(
                                folder,
                                plan,
                                new HeldAgent.Mode(broker.url(), true, "recall.log"))) {
            Await.that("the agent", LIMIT, () -> agent.logged("is served again") > 0);
            Await.that("an inventory", LIMIT, () -> broker.inventories() > 0);
            AtomicBoolean over = new AtomicBoolean();
            try (PageClient client = new PageClient(socket, grant.toString(), pages, 47)) {
                client.writeAll();
                Thread recalls = Thread.ofPlatform().start(() -> guarded(rounds, broker, over));
                while (!over.get()) {
                    client.round();
                }
                recalls.join();
                client.readAll();
                assertThat(failure).isNull();
                errors = client.errors;
                assertThat(errors).isZero();
                assertThat(client.wrongPages).isZero();
                assertThat(client.pauses).isEmpty();
                assertThat(seconds).hasSize(ROUNDS);
            }
        }
    }

    private void guarded(Rounds rounds, BrokerDouble broker, AtomicBoolean over) {
        try {
            rounds.run(broker);
        } catch (IOException e) {
            failure = new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            failure = e;
        } finally {
            over.set(true);
        }
    }

    private static List<LegPlan> legs(LenderProcess lender) {
        List<LegPlan> legs = new ArrayList<>();
        for (int extent = 0; extent < EXTENTS; extent++) {
            legs.add(lender.leg(extent));
        }
        return legs;
    }

    private AttachGrant plan(LenderProcess... lenders) {
        List<ExtentPlan> extents = new ArrayList<>();
        for (int extent = 0; extent < EXTENTS; extent++) {
            List<LegPlan> legs = new ArrayList<>();
            for (LenderProcess lender : lenders) {
                legs.add(lender.leg(extent));
            }
            extents.add(new ExtentPlan(extent, legs));
        }
        return new AttachGrant(
                UUID.randomUUID(),
                grant,
                1,
                UUID.randomUUID(),
                "mf-recall",
                AttachMode.SWAP,
                EXTENTS * FabricLimits.REGION.bytes(),
                extents,
                UUID.randomUUID());
    }

    /// Only what is recalled as a whole GiB is a figure.
    private void report(String figure) throws IOException {
        List<Double> sorted = seconds.stream().sorted().toList();
        System.out.printf(
                Locale.ROOT,
                "recall of %d MiB (%s): median %.3f s of %d, max %.3f s, I/O errors %d%n",
                (EXTENTS * FabricLimits.REGION.bytes()) >> 20,
                figure,
                sorted.get(sorted.size() / 2),
                sorted.size(),
                sorted.getLast(),
                errors);
        String folder = System.getProperty("recall.figures");
        if (folder != null && EXTENTS * FabricLimits.REGION.bytes() == 1L << 30) {
            Path file = Files.createDirectories(Path.of(folder)).resolve(figure + ".json");
            Files.write(
                    file,
                    JsonMapper.builder()
                            .build()
                            .writeValueAsBytes(Map.of("seconds", seconds, "ioErrors", errors)));
        }
    }
}
