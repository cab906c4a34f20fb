package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.agent.borrowing.kept.DescriptorStore;
import io.memfabric.agent.borrowing.kept.MemfdKept;
import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.nbd.RawClient;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.LegReplacement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Extents with one leg each that leave their lender while the client reads and writes.
@Timeout(120)
@SuppressWarnings("try") // A lender that leaves is closed in the middle.
class ExtentMoveIT {

    private static final int REGION = 64 << 20;

    @TempDir Path runDir;

    private final Kept kept = new MemfdKept(new NoStore());

    private RemoteBorrowing borrowing(boolean sealed) {
        return new RemoteBorrowing(
                runDir,
                Plaintext.legs(),
                ServiceLoader.load(DiskServer.Transport.class).findFirst().orElseThrow(),
                ServiceLoader.load(DiskListener.Source.class).findFirst().orElseThrow(),
                sealed ? Optional.of(kept) : Optional.empty());
    }

    private static RawClient client(ExportedDisk disk) throws IOException {
        return RawClient.entered(UnixDomainSocketAddress.of(disk.socket()), disk.exportName());
    }

    /// One extent of two goes to the other lender and back, so that a lender's group is divided.
    private static LegReplacement move(
            int extent, Lender from, Lender to, long generation, long id) {
        return new LegReplacement(
                extent,
                from.leg(Lender.GRANT, 1, generation, id).exportName(),
                to.leg(Lender.GRANT, 1, generation, id));
    }

    @Test
    void theClientNoticesNothingWhileEverythingMoves() throws Exception {
        for (boolean sealed : new boolean[] {true, false}) {
            try (Lender first = Lender.with(2);
                    Lender second = Lender.with(2);
                    RemoteBorrowing borrowing = borrowing(sealed)) {
                ExportedDisk disk = borrowing.open(first.plan(2));
                second.claim(Lender.GRANT, 1, 1, 1, 2);
                PageModel model = new PageModel(2L * REGION, 815);
                try (RawClient client = client(disk)) {
                    for (int i = 0; i < 200; i++) {
                        model.round(client, 64);
                    }
                    AtomicBoolean moved = new AtomicBoolean();
                    AtomicInteger remembered = new AtomicInteger();
                    Thread mover =
                            Thread.ofPlatform()
                                    .start(
                                            () ->
                                                    replace(
                                                            borrowing,
                                                            List.of(
                                                                    move(0, first, second, 1, 1),
                                                                    move(1, first, second, 1, 2)),
                                                            remembered::incrementAndGet,
                                                            moved));
                    while (mover.isAlive()) {
                        model.round(client, 8);
                    }
                    assertThat(moved).isTrue();
                    assertThat(remembered).hasValue(1);
                    first.close();
                    for (int i = 0; i < 50; i++) {
                        model.round(client, 8);
                    }
                    model.verifyAll(client);
                }
                borrowing.close(Lender.GRANT);
            }
        }
    }

    @Test
    void whatStaysAtALenderOutlivesTheFenceOfWhatLeft() throws Exception {
        try (Lender first = Lender.with(2);
                Lender second = Lender.with(2);
                RemoteBorrowing borrowing = borrowing(true)) {
            ExportedDisk disk = borrowing.open(first.plan(2));
            second.claim(Lender.GRANT, 1, 1, 1, 2);
            PageModel model = new PageModel(2L * REGION, 816);
            try (RawClient client = client(disk)) {
                for (int i = 0; i < 50; i++) {
                    model.round(client, 64);
                }
                List<LegReplacement> one = List.of(move(0, first, second, 1, 1));
                borrowing.replaceLegs(Lender.GRANT, one);
                borrowing.replaceLegs(Lender.GRANT, one);
                first.fence(Lender.GRANT, 1, 1, 1);
                for (int i = 0; i < 50; i++) {
                    model.round(client, 8);
                }
                model.verifyAll(client);
                assertThat(borrowing.stopOf(Lender.GRANT)).isEmpty();
            }
        }
    }

    @Test
    void aPlanThatCannotBeWrittenLeavesEverythingWhereItWas() throws Exception {
        try (Lender first = Lender.with(2);
                Lender second = Lender.with(2);
                RemoteBorrowing borrowing = borrowing(true)) {
            AttachGrant plan = first.plan(2);
            ExportedDisk disk = borrowing.open(plan);
            second.claim(Lender.GRANT, 1, 1, 1, 2);
            PageModel model = new PageModel(2L * REGION, 817);
            try (RawClient client = client(disk)) {
                for (int i = 0; i < 50; i++) {
                    model.round(client, 64);
                }
                assertThatThrownBy(
                                () ->
                                        borrowing.replaceLegs(
                                                Lender.GRANT,
                                                List.of(move(0, first, second, 1, 1)),
                                                () -> {
                                                    throw new UncheckedIOException(
                                                            new IOException("the disk is full"));
                                                }))
                        .isInstanceOf(UncheckedIOException.class);
                second.close();
                for (int i = 0; i < 50; i++) {
                    model.round(client, 8);
                }
                model.verifyAll(client);
            }
        }
    }

    @Test
    void aLenderThatIsNotThereLeavesEverythingWhereItWas() throws Exception {
        try (Lender first = Lender.with(1);
                Lender second = Lender.with(1);
                RemoteBorrowing borrowing = borrowing(true)) {
            ExportedDisk disk = borrowing.open(first.plan(1));
            LegReplacement unclaimed = move(0, first, second, 1, 1);
            PageModel model = new PageModel(REGION, 818);
            try (RawClient client = client(disk)) {
                for (int i = 0; i < 20; i++) {
                    model.round(client, 64);
                }
                assertThatThrownBy(() -> borrowing.replaceLegs(Lender.GRANT, List.of(unclaimed)))
                        .isInstanceOf(BorrowingException.class);
                model.round(client, 64);
                model.verifyAll(client);
            }
        }
    }

    private static void replace(
            RemoteBorrowing borrowing,
            List<LegReplacement> moves,
            Runnable remember,
            AtomicBoolean moved) {
        try {
            borrowing.replaceLegs(Lender.GRANT, moves, remember);
            moved.set(true);
        } catch (BorrowingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class NoStore implements DescriptorStore {
        @Override
        public OptionalInt claim(String name) {
            return OptionalInt.empty();
        }

        @Override
        public void store(String name, int descriptor) {}

        @Override
        public void forget(String name) {}
    }
}
