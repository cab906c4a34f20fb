package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.agent.borrowing.rdma.RdmaLegTransport;
import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.lending.rdma.RdmaRegionServer;
import io.memfabric.agent.rdma.OneProcessVerbs;
import io.memfabric.agent.rdma.QueuePair;
import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.agent.rdma.RdmaListener;
import io.memfabric.agent.rdma.Verbs;
import io.memfabric.contract.region.RegionSetName;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The legs over RDMA through DiSNI and the native half, on verbs of one process.
final class OneProcessRdmaLegIT extends LegContract {

    private static final InetSocketAddress ANY_PORT =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int PAGE = 4096;

    @Override
    Lender lender(int regions) throws Exception {
        return Lender.also(
                regions, new RdmaRegionServer.RdmaTransport(OneProcessVerbs.open()), ANY_PORT);
    }

    @Override
    Leg.Transport transport() throws Exception {
        return new RdmaLegTransport(OneProcessVerbs.open());
    }

    @Override
    LegGroup group(Lender lender, RegionSetName regions) {
        return new LegGroup(lender.id(), lender.address(), lender.otherAddress(), regions);
    }

    @AfterEach
    void leavesNoNativeObjectBehind() throws Throwable {
        assertThat(OneProcessVerbs.leftovers()).isEmpty();
    }

    @Test
    void comesBackWhenTheLinkDoesAndSaysNothingWithoutIt() throws Throwable {
        try (Lender lender = lender(1);
                LegBed bed = LegBed.begin(transport().connect(claimed(lender, 1)))) {
            bed.write(0, LegBed.stamped(PAGE, 1));
            OneProcessVerbs.link(false);
            try {
                bed.submitWrite(0, 0, LegBed.stamped(PAGE, 2));
                bed.leg().flush();
                // Long enough for the connection's end and some tries to make the next one.
                Thread.sleep(500);
            } finally {
                assertThat(OneProcessVerbs.link(true)).isZero();
            }
            bed.flushAndAwait(1);
            assertThat(bed.read(0, PAGE)).isEqualTo(LegBed.stamped(PAGE, 2));
        }
    }

    @Test
    void takesLeaveOfAPeerWhenTheLinkIsBack() throws Throwable {
        Verbs verbs = OneProcessVerbs.open();
        try (RdmaListener listener = verbs.listen(ANY_PORT)) {
            CompletableFuture<QueuePair> accepted =
                    CompletableFuture.supplyAsync(() -> accept(listener));
            QueuePair pair = verbs.connect(listener.address(), 1, PATIENCE);
            try (QueuePair peer = accepted.join()) {
                OneProcessVerbs.link(false);
                try {
                    pair.close();
                    assertThatThrownBy(() -> verbs.connect(listener.address(), 1, PATIENCE))
                            .isInstanceOfSatisfying(
                                    RdmaException.class,
                                    e -> assertThat(e.code()).isEqualTo(RdmaException.NO_ROUTE));
                    assertThat(peer.hasEnded()).isFalse();
                } finally {
                    assertThat(OneProcessVerbs.link(true)).isZero();
                }
                peer.await(Duration.ZERO, PATIENCE);
                assertThat(peer.hasEnded()).isTrue();
            }
        }
    }

    @Test
    void saysThatAPeerTakesNoConnections() throws Exception {
        Verbs verbs = OneProcessVerbs.open();
        assertThatThrownBy(
                        () ->
                                verbs.connect(
                                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 9),
                                        1,
                                        PATIENCE))
                .isInstanceOfSatisfying(
                        RdmaException.class,
                        e -> assertThat(e.code()).isEqualTo(RdmaException.REFUSED));
    }

    @Test
    void givesUpOnAPeerThatDoesNotAnswer() throws Exception {
        Verbs verbs = OneProcessVerbs.open();
        try (RdmaListener silent = verbs.listen(ANY_PORT)) {
            assertThatThrownBy(() -> verbs.connect(silent.address(), 1, Duration.ofMillis(50)))
                    .isInstanceOfSatisfying(
                            RdmaException.class,
                            e -> assertThat(e.code()).isEqualTo(RdmaException.TIMEOUT));
        }
    }

    @Test
    void refusesToRegisterTwoGibibytes() throws Exception {
        Verbs verbs = OneProcessVerbs.open();
        try (RdmaListener listener = verbs.listen(ANY_PORT)) {
            CompletableFuture<QueuePair> accepted =
                    CompletableFuture.supplyAsync(() -> accept(listener));
            QueuePair pair = verbs.connect(listener.address(), 1, PATIENCE);
            assertThatThrownBy(() -> pair.register(4096, 1L << 31, QueuePair.Access.PEER))
                    .isInstanceOfSatisfying(
                            RdmaException.class,
                            e -> assertThat(e.code()).isEqualTo(RdmaException.TOO_LARGE));
            pair.close();
            accepted.join().close();
            // Closing again is harmless, and a closed one refuses everything.
            pair.close();
            assertThatThrownBy(() -> pair.read(0, 0, 0, 0, 0, 0)).isInstanceOf(RdmaException.class);
            assertThatThrownBy(() -> pair.register(4096, 1, QueuePair.Access.PEER))
                    .isInstanceOf(RdmaException.class);
        }
    }

    private static QueuePair accept(RdmaListener listener) {
        try {
            return listener.next(PATIENCE).orElseThrow().accept(1, PATIENCE);
        } catch (RdmaException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
