package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.borrowing.kept.DescriptorStore;
import io.memfabric.agent.borrowing.kept.MemfdKept;
import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.lending.LenderProxy;
import io.memfabric.agent.nbd.RawClient;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.LegReport;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Two lenders, the networks to them, and a sealed device of two mirrored extents.
final class MirrorBed implements AutoCloseable {

    static final int PAGE = KeptLayout.PAGE;
    static final int REGION = 64 << 20;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    final Lender first = Lender.with(2);
    final Lender second = Lender.with(2);
    final LenderProxy toFirst = new LenderProxy(first);
    final LenderProxy toSecond = new LenderProxy(second);
    final Kept kept = new MemfdKept(new NoStore());
    final AttachGrant plan;
    final PageModel model = new PageModel(2L * REGION, 4711);
    private final Path runDir;
    private final MirrorPace pace;
    RemoteBorrowing borrowing;
    RawClient client;

    MirrorBed(Path runDir, MirrorPace pace) throws Exception {
        this.runDir = runDir;
        this.pace = pace;
        first.claim(Lender.GRANT, 1, 1, 1, 2);
        second.claim(Lender.GRANT, 1, 1, 1, 2);
        // The second extent's copies the other way round, as a broker may have them.
        plan =
                Lender.planOfExtents(
                        List.of(
                                List.of(atFirst(1), atSecond(1)),
                                List.of(atSecond(2), atFirst(2))));
        borrowing = borrowing();
        client = enter(borrowing.open(plan));
    }

    LegPlan atFirst(long region) {
        return first.legAt(toFirst.address(), region);
    }

    LegPlan atSecond(long region) {
        return second.legAt(toSecond.address(), region);
    }

    private RemoteBorrowing borrowing() {
        return new RemoteBorrowing(
                runDir,
                Plaintext.legs(),
                ServiceLoader.load(DiskServer.Transport.class).findFirst().orElseThrow(),
                ServiceLoader.load(DiskListener.Source.class).findFirst().orElseThrow(),
                Optional.of(kept),
                new RemoteBorrowing.Rules(DiskClients.ANY, pace));
    }

    private static RawClient enter(ExportedDisk disk) throws IOException {
        return RawClient.entered(UnixDomainSocketAddress.of(disk.socket()), disk.exportName());
    }

    void enterAgain() throws IOException {
        client = enter(borrowing.find(Lender.GRANT).orElseThrow());
    }

    /// Ends the borrower and begins another with what was kept.
    void restart(AttachGrant with) throws Exception {
        client.close();
        borrowing.close();
        borrowing = borrowing();
        client = enter(borrowing.resume(with));
    }

    List<LegReport> reports() {
        return borrowing.legsNotWhole(Lender.GRANT);
    }

    boolean isWhole() {
        return reports().isEmpty();
    }

    /// Whether both legs at this lender, and no others, are said to be so.
    boolean areBoth(LegPlan one, LegReport.Reach reach) {
        String boot = one.exportName().substring(0, 40);
        return reports().stream()
                        .filter(r -> r.exportName().startsWith(boot) && r.reach() == reach)
                        .count()
                == 2;
    }

    MirrorCounts counts() {
        return borrowing.mirrorCounts(Lender.GRANT).orElseThrow();
    }

    void load(int rounds) throws Exception {
        for (int i = 0; i < rounds; i++) {
            model.round(client, 8);
        }
    }

    /// Goes on with the load until something is so.
    void loadUntil(BooleanSupplier condition) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        do {
            model.round(client, 8);
            assertThat(System.nanoTime()).as("deadline").isLessThan(end);
        } while (!condition.getAsBoolean());
        load(5);
    }

    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    void assertSame() {
        assertSame(first, second);
    }

    static void assertSame(Lender one, Lender other) {
        for (long region = 1; region <= 2; region++) {
            assertThat(one.memory(region).mismatch(other.memory(region)))
                    .as("first difference in region %d", region)
                    .isEqualTo(-1);
        }
    }

    @Override
    public void close() throws IOException {
        client.close();
        borrowing.close();
        toFirst.close();
        toSecond.close();
        first.close();
        second.close();
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
