package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.agent.borrowing.rdma.RdmaLegTransport;
import io.memfabric.agent.borrowing.rdma.RdmaLenderProbe;
import io.memfabric.agent.borrowing.tcp.TcpLegTransport;
import io.memfabric.agent.borrowing.tcp.TcpLenderProbe;
import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.lending.rdma.RdmaRegionServer;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.agent.rdma.QueuePair;
import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.agent.rdma.SoftVerbs;
import io.memfabric.contract.agent.DataTransport;
import io.memfabric.contract.agent.LenderPlace;
import io.memfabric.contract.agent.LenderWay;
import io.memfabric.contract.agent.MeasuredLender;
import io.memfabric.contract.region.RdmaHello;
import io.memfabric.contract.region.RdmaWelcome;
import io.memfabric.contract.region.RegionSetName;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The legs over RDMA, with verbs that need no device.
final class SoftRdmaLegIT extends LegContract {

    private static final int PAGE = 4096;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final SoftVerbs verbs = new SoftVerbs();

    @Override
    Lender lender(int regions) throws IOException {
        return Lender.also(
                regions,
                new RdmaRegionServer.RdmaTransport(verbs),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @Override
    Leg.Transport transport() {
        return new RdmaLegTransport(verbs);
    }

    @Override
    LegGroup group(Lender lender, RegionSetName regions) {
        return new LegGroup(lender.id(), lender.address(), lender.otherAddress(), regions);
    }

    @AfterEach
    void leavesNothingRegistered() {
        assertThat(verbs.registrations()).isZero();
    }

    private QueuePair raw(Lender lender) throws RdmaException {
        String[] words = lender.otherAddress().split(":", -1);
        return verbs.connect(
                new InetSocketAddress(words[0], Integer.parseInt(words[1])), 4, PATIENCE);
    }

    private static RdmaWelcome ask(QueuePair pair, byte[] message) throws RdmaException {
        pair.send(message, PATIENCE);
        return RdmaWelcome.decode(pair.receive(PATIENCE));
    }

    @Test
    void nothingIsRegisteredForWhoeverIsNotLetIn() throws Exception {
        try (Lender lender = lender(1)) {
            lender.claim(Lender.GRANT, 2, 2, 1);
            for (byte[] message :
                    List.of(
                            new RdmaHello(names(lender, 1, 2, 1).wire(), true).encode(),
                            new RdmaHello("no name", true).encode(),
                            "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                            new byte[0],
                            new byte[4096])) {
                QueuePair pair = raw(lender);
                assertThat(ask(pair, message)).isInstanceOf(RdmaWelcome.Refused.class);
                assertThat(verbs.registrations()).isZero();
                pair.close();
            }
        }
    }

    @Test
    void aSecondMessageEndsTheConnection() throws Exception {
        try (Lender lender = lender(1)) {
            lender.claim(Lender.GRANT, 1, 1, 1);
            QueuePair pair = raw(lender);
            ask(pair, new RdmaHello(names(lender, 1, 1, 1).wire(), false).encode());
            pair.send(new byte[] {1}, PATIENCE);
            while (!pair.hasEnded()) {
                pair.await(Duration.ZERO, Duration.ofMillis(10));
            }
            pair.close();
        }
    }

    @Test
    void afterAnAcknowledgedFenceNoStaleRequestIsExecuted() throws Exception {
        try (Lender lender = lender(1);
                Arena arena = Arena.ofConfined()) {
            lender.claim(Lender.GRANT, 1, 1, 1);
            MemorySegment mine = arena.allocate(PAGE, PAGE);
            mine.fill((byte) 0x5a);
            QueuePair pair = raw(lender);
            RdmaWelcome.Place place =
                    ((RdmaWelcome.Entered)
                                    ask(
                                            pair,
                                            new RdmaHello(names(lender, 1, 1, 1).wire(), true)
                                                    .encode()))
                            .places()
                            .getFirst();
            int key = pair.register(mine.address(), PAGE, QueuePair.Access.LOCAL).localKey();
            pair.write(0, mine.address(), key, place.address(), place.key(), PAGE);
            assertThat(pair.await(Duration.ZERO, PATIENCE)).isOne();
            assertThat(pair.status(0)).isZero();
            lender.fence(Lender.GRANT, 1, 1, 1);
            assertThatThrownBy(
                            () ->
                                    pair.write(
                                            0,
                                            mine.address(),
                                            key,
                                            place.address(),
                                            place.key(),
                                            PAGE))
                    .isInstanceOf(RdmaException.class);
            pair.close();
            // A key that was good on the old connection is none on another.
            lender.claim(Lender.GRANT, 2, 2, 1);
            QueuePair other = raw(lender);
            ask(other, new RdmaHello(names(lender, 2, 2, 1).wire(), true).encode());
            int otherKey = other.register(mine.address(), PAGE, QueuePair.Access.LOCAL).localKey();
            other.write(1, mine.address(), otherKey, place.address(), place.key(), PAGE);
            assertThat(other.await(Duration.ZERO, PATIENCE)).isOne();
            assertThat(other.status(0)).isEqualTo(QueuePair.REMOTE_ACCESS);
            other.close();
        }
    }

    @Test
    void theProbePageCanBeReadAndNotWritten() throws Exception {
        try (Lender lender = lender(0);
                Arena arena = Arena.ofConfined()) {
            MemorySegment mine = arena.allocate(PAGE, PAGE);
            mine.fill((byte) 1);
            QueuePair pair = raw(lender);
            RdmaWelcome.Place place =
                    ((RdmaWelcome.Entered) ask(pair, new RdmaHello("mf-probe", false).encode()))
                            .places()
                            .getFirst();
            int key = pair.register(mine.address(), PAGE, QueuePair.Access.LOCAL).localKey();
            pair.read(0, mine.address(), key, place.address(), place.key(), PAGE);
            assertThat(pair.await(Duration.ZERO, PATIENCE)).isOne();
            assertThat(pair.status(0)).isZero();
            assertThat(mine.get(java.lang.foreign.ValueLayout.JAVA_BYTE, 77)).isZero();
            pair.write(0, mine.address(), key, place.address(), place.key(), PAGE);
            assertThat(pair.await(Duration.ZERO, PATIENCE)).isOne();
            assertThat(pair.status(0)).isEqualTo(QueuePair.REMOTE_ACCESS);
            pair.close();
        }
    }

    @Test
    void fallsBackToTcpWhereRdmaCannotConnectAndGoesOnThereWhenItBreaks() throws Exception {
        LenderWays ways = new LenderWays();
        TransportChoice choice = choice(false, ways);
        try (Lender lender = lender(1)) {
            LegGroup group = claimed(lender, 1);
            try (LegBed bed = LegBed.begin(choice.connect(group))) {
                bed.write(0, LegBed.stamped(PAGE, 3));
                assertThat(verbs.registrations()).isPositive();
                assertThat(ways.of(Lender.GRANT))
                        .containsExactly(new LenderWay(lender.id(), DataTransport.RDMA, null));
                verbs.unplug(true);
                bed.leg().cut();
                assertThat(bed.read(0, PAGE)).isEqualTo(LegBed.stamped(PAGE, 3));
                assertThat(verbs.registrations()).isZero();
                assertThat(ways.of(Lender.GRANT))
                        .singleElement()
                        .satisfies(
                                way -> {
                                    assertThat(way.transport()).isEqualTo(DataTransport.TCP);
                                    assertThat(way.notRdma()).contains("does not listen");
                                });
            }
            try (LegBed bed = LegBed.begin(choice.connect(group))) {
                assertThat(bed.read(0, PAGE)).isEqualTo(LegBed.stamped(PAGE, 3));
            }
            TransportChoice strict = choice(true, ways);
            assertThatThrownBy(() -> strict.connect(group))
                    .isInstanceOfSatisfying(
                            BorrowingException.class,
                            e -> assertThat(e.code()).isEqualTo(Leg.UNREACHABLE));
        }
    }

    private TransportChoice choice(boolean required, LenderWays ways) {
        return new TransportChoice(
                new TcpLegTransport(new DataSecurity.TrustedNetwork()),
                Optional.of(transport()),
                required,
                ways);
    }

    @Test
    void explainsNothingWhereThereIsNoRdmaAnyway() throws Exception {
        LenderWays ways = new LenderWays();
        TransportChoice choice =
                new TransportChoice(
                        new TcpLegTransport(new DataSecurity.TrustedNetwork()),
                        Optional.empty(),
                        false,
                        ways);
        try (Lender lender = lender(1)) {
            choice.connect(claimed(lender, 1)).close();
            assertThat(ways.of(Lender.GRANT))
                    .containsExactly(new LenderWay(lender.id(), DataTransport.TCP, null));
            assertThat(ways.of(lender.id())).isEmpty();
        }
    }

    @Test
    void aRequestWaitsForMemoryWhileOthersHaveIt() throws Exception {
        try (Lender lender = lender(1);
                LegBed bed = LegBed.begin(transport().connect(claimed(lender, 1)))) {
            for (int slot = 0; slot < 16; slot++) {
                bed.submit(slot, Nbd.CMD_READ, (long) slot << 20, Requests.MAX_PAYLOAD);
            }
            bed.flushAndAwait(16);
        }
    }

    @Test
    void measuresTheWayThatLegsWouldTake() throws Exception {
        RoundTripWatch watch =
                new RoundTripWatch(
                        new TcpLenderProbe(new DataSecurity.TrustedNetwork()),
                        Optional.of(new RdmaLenderProbe(verbs)));
        try (Lender lender = lender(0)) {
            LenderPlace both =
                    new LenderPlace(lender.id(), lender.address(), lender.otherAddress());
            LenderPlace plain = new LenderPlace(lender.id(), lender.address(), null);
            LenderPlace gone = new LenderPlace(lender.id(), "127.0.0.1:1", null);
            assertThat(watch.measure(List.of(both, plain, gone)))
                    .extracting(MeasuredLender::transport)
                    .containsExactly(DataTransport.RDMA, DataTransport.TCP);
            verbs.unplug(true);
            assertThat(watch.measure(List.of(both)))
                    .singleElement()
                    .satisfies(
                            measured -> {
                                assertThat(measured.transport()).isEqualTo(DataTransport.TCP);
                                assertThat(measured.samples()).isEqualTo(20);
                                assertThat(measured.minNanos()).isPositive();
                            });
        }
    }
}
