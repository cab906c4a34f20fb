package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.RawClient;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemoteBorrowingIT {

    private static final int PAGE = 4096;
    private static final int REGION = (int) FabricLimits.REGION.bytes();

    @TempDir Path runDir;

    private static RawClient enter(ExportedDisk disk) throws IOException {
        return RawClient.entered(UnixDomainSocketAddress.of(disk.socket()), disk.exportName());
    }

    private static AttachGrant through(FaultProxy proxy, AttachGrant plan) throws IOException {
        List<LegPlan> legs = new ArrayList<>();
        for (ExtentPlan extent : plan.extents()) {
            legs.add(proxy.leg(extent.legs().getFirst()));
        }
        return Lender.plan(legs);
    }

    private static void await(Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void everyPageOfSeveralRegionsKeepsItsStamp() throws Exception {
        try (Lender lender = Lender.with(2);
                Lender other = Lender.with(1);
                RemoteBorrowing borrowing = RemoteBorrowing.open(runDir, Plaintext.legs())) {
            ExportedDisk disk = borrowing.open(lender.planAround(other));
            assertThat(disk.sizeBytes()).isEqualTo(3L * REGION);
            PageModel model = new PageModel(disk.sizeBytes(), 1);
            try (RawClient client = enter(disk)) {
                for (int round = 0; round < 2_000; round++) {
                    model.round(client, round % 4 == 0 ? 32 : 2);
                }
                model.verifyAll(client);
            }
        }
    }

    @Test
    void requestsAcrossLendersAreSplitAndPutTogether() throws Exception {
        try (Lender lender = Lender.with(2);
                Lender other = Lender.with(1);
                RemoteBorrowing borrowing = RemoteBorrowing.open(runDir, Plaintext.legs());
                RawClient client = enter(borrowing.open(lender.planAround(other)))) {
            acrossBorders(client);
        }
    }

    @Test
    void requestsAcrossRegionsOfOneLenderAreCarriedOutThere() throws Exception {
        try (Lender lender = Lender.with(3);
                FaultProxy proxy = new FaultProxy(lender.lending.address());
                RemoteBorrowing borrowing = RemoteBorrowing.open(runDir, Plaintext.legs());
                RawClient client = enter(borrowing.open(through(proxy, lender.plan(3))))) {
            assertThat(proxy.accepted()).isEqualTo(1);
            acrossBorders(client);
        }
    }

    private static void acrossBorders(RawClient client) throws IOException {
        byte[] data = new byte[64 * PAGE];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i * 31 + i / PAGE);
        }
        for (long border : new long[] {REGION, 2L * REGION}) {
            assertThat(client.write(border - 7 * PAGE, data)).isZero();
            assertThat(client.read(border - 7 * PAGE, data.length).data().array()).isEqualTo(data);
            assertThat(client.read(border, PAGE).data().array())
                    .isEqualTo(Arrays.copyOfRange(data, 7 * PAGE, 8 * PAGE));
        }
        assertThat(client.command(Nbd.CMD_TRIM, PAGE, 3 * REGION - 2 * PAGE)).isZero();
        for (long border : new long[] {REGION, 2L * REGION}) {
            assertThat(client.read(border - 7 * PAGE, data.length).data().array()).containsOnly(0);
        }
    }

    @Test
    void aBrokenLegIsConnectedAgainAndNothingIsLost() throws Exception {
        try (Lender lender = Lender.with(2);
                Lender other = Lender.with(1);
                FaultProxy proxy = new FaultProxy(lender.lending.address());
                RemoteBorrowing borrowing = RemoteBorrowing.open(runDir, Plaintext.legs())) {
            List<ExtentPlan> extents = lender.planAround(other).extents();
            LegPlan direct = extents.get(1).legs().getFirst();
            AttachGrant plan =
                    Lender.plan(
                            List.of(
                                    proxy.leg(extents.get(0).legs().getFirst()),
                                    direct,
                                    proxy.leg(extents.get(2).legs().getFirst())));
            ExportedDisk disk = borrowing.open(plan);
            PageModel model = new PageModel(disk.sizeBytes(), 2);
            try (RawClient client = enter(disk)) {
                for (int cuts = 0; cuts < 60; cuts++) {
                    Thread cutter = Thread.ofVirtual().unstarted(proxy::cut);
                    for (int round = 0; round < 12; round++) {
                        if (round == cuts % 12) {
                            cutter.start();
                        }
                        model.round(client, 32);
                    }
                    cutter.join();
                }
                model.verifyAll(client);
            }
            assertThat(proxy.accepted()).isGreaterThan(30);
        }
    }

    @Test
    void requestsWaitUntilTheLenderIsReachableAgain() throws Exception {
        try (Lender lender = Lender.with(1);
                FaultProxy proxy = new FaultProxy(lender.lending.address());
                RemoteBorrowing borrowing = RemoteBorrowing.open(runDir, Plaintext.legs());
                RawClient client = enter(borrowing.open(through(proxy, lender.plan(1))))) {
            // A page that was never written would be answered without the lender.
            assertThat(client.write(PAGE, new byte[PAGE])).isZero();
            proxy.refuse(true);
            proxy.cut();
            byte[] page = new byte[PAGE];
            page[5] = 77;
            client.send(RawClient.request(0, Nbd.CMD_WRITE, 1, 0, PAGE, page));
            client.send(RawClient.request(0, Nbd.CMD_READ, 2, PAGE, PAGE, new byte[0]));
            await(Duration.ofSeconds(10), () -> proxy.open() == 0);
            proxy.refuse(false);
            assertThat(client.reply(0).error()).isZero();
            assertThat(client.reply(PAGE).error()).isZero();
            assertThat(client.read(0, PAGE).data().get(5)).isEqualTo((byte) 77);
        }
    }

    @Test
    void aSilentLenderIsConnectedAgain() throws Exception {
        try (Lender lender = Lender.with(1);
                FaultProxy proxy = new FaultProxy(lender.lending.address());
                RemoteBorrowing borrowing = RemoteBorrowing.open(runDir, Plaintext.legs());
                RawClient client = enter(borrowing.open(through(proxy, lender.plan(1))))) {
            assertThat(client.write(0, new byte[PAGE])).isZero();
            proxy.swallow(true);
            client.send(RawClient.request(0, Nbd.CMD_READ, 2, 0, PAGE, new byte[0]));
            await(Duration.ofSeconds(30), () -> proxy.accepted() > 1);
            proxy.swallow(false);
            assertThat(client.reply(PAGE).error()).isZero();
        }
    }

    /// The region is gone for good: no answer, no error, a closed door; and only for that grant.
    @Test
    void aGrantWhoseRegionIsGoneStopsAndOthersGoOn() throws Exception {
        UUID otherGrant = UUID.fromString("aaaaaaaa-2222-3333-4444-555555555555");
        try (Lender lender = Lender.with(3);
                RemoteBorrowing borrowing = RemoteBorrowing.open(runDir, Plaintext.legs())) {
            ExportedDisk disk = borrowing.open(lender.plan(2));
            lender.claim(otherGrant, 1, 1, 3);
            ExportedDisk other =
                    borrowing.open(
                            new AttachGrant(
                                    UUID.randomUUID(),
                                    otherGrant,
                                    1,
                                    UUID.randomUUID(),
                                    "other",
                                    AttachMode.DEVICE,
                                    REGION,
                                    List.of(
                                            new ExtentPlan(
                                                    0, List.of(lender.leg(otherGrant, 1, 1, 3)))),
                                    null));
            try (RawClient client = enter(disk);
                    RawClient otherClient = enter(other)) {
                otherClient.write(0, new byte[PAGE]);
                lender.fence(Lender.GRANT, 1, 1, 2);
                assertThat(client.isClosedByPeer()).isTrue();
                assertThatThrownBy(() -> enter(disk)).isInstanceOf(IOException.class);
                assertThat(otherClient.read(0, PAGE).error()).isZero();
            }
            assertThat(borrowing.find(Lender.GRANT)).isPresent();
            assertThatThrownBy(() -> borrowing.open(lender.plan(2)))
                    .isInstanceOf(BorrowingException.class)
                    .extracting("code")
                    .isEqualTo("region_gone");
            assertThat(borrowing.stopOf(Lender.GRANT).orElseThrow().code())
                    .isEqualTo("region_gone");
            assertThat(borrowing.stopOf(otherGrant)).isEmpty();
            borrowing.close(Lender.GRANT);
            assertThat(borrowing.find(Lender.GRANT)).isEmpty();
        }
    }

    @Test
    void aRestartedLenderHasLostTheRegion() throws Exception {
        Lender first = Lender.with(1);
        InetSocketAddress address = first.lending.address();
        try (RemoteBorrowing borrowing = RemoteBorrowing.open(runDir, Plaintext.legs());
                RawClient client = enter(borrowing.open(first.plan(1)))) {
            client.write(0, new byte[PAGE]);
            first.close();
            try (Lender second = Lender.at(address, 1)) {
                second.claim(Lender.GRANT, 1, 1, 1);
                assertThat(client.isClosedByPeer()).isTrue();
            }
        }
    }

    @Test
    void theNextClientComesInWhenTheOneBeforeIsGone() throws Exception {
        try (Lender lender = Lender.with(1);
                RemoteBorrowing borrowing = RemoteBorrowing.open(runDir, Plaintext.legs())) {
            ExportedDisk disk = borrowing.open(lender.plan(1));
            for (int i = 0; i < 100; i++) {
                byte[] mark = new byte[PAGE];
                Arrays.fill(mark, (byte) i);
                try (RawClient hasty = enter(disk)) {
                    // It never waits for its answer.
                    hasty.send(RawClient.request(0, Nbd.CMD_WRITE, i, 0, PAGE, mark));
                }
                try (RawClient next = enter(disk)) {
                    byte before = next.read(0, PAGE).data().get(0);
                    assertThat(next.write(0, new byte[PAGE])).isZero();
                    assertThat(before).isIn((byte) 0, (byte) i);
                    assertThat(next.read(0, PAGE).data().get(0)).isZero();
                }
            }
        }
    }

    @Test
    void aClientThatLeavesWhileTheLenderIsAwayDoesNotBlockTheNext() throws Exception {
        try (Lender lender = Lender.with(2);
                FaultProxy proxy = new FaultProxy(lender.lending.address());
                RemoteBorrowing borrowing = RemoteBorrowing.open(runDir, Plaintext.legs())) {
            ExportedDisk disk = borrowing.open(through(proxy, lender.plan(2)));
            proxy.refuse(true);
            proxy.cut();
            try (RawClient first = enter(disk)) {
                first.send(RawClient.request(0, Nbd.CMD_READ, 1, 0, PAGE, new byte[0]));
                first.send(
                        RawClient.request(
                                0, Nbd.CMD_READ, 2, REGION - PAGE, 2 * PAGE, new byte[0]));
            }
            try (RawClient second = enter(disk)) {
                proxy.refuse(false);
                assertThat(second.read(REGION - PAGE, 2 * PAGE).error()).isZero();
            }
        }
    }

    @Test
    void theSocketIsForItsOwnerAlone() throws Exception {
        try (Lender lender = Lender.with(1);
                RemoteBorrowing borrowing = RemoteBorrowing.open(runDir, Plaintext.legs())) {
            Path folder = runDir.resolve(Lender.GRANT.toString());
            Files.createDirectory(folder);
            Files.createFile(folder.resolve("disk.sock"));
            ExportedDisk disk = borrowing.open(lender.plan(1));
            assertThat(disk.socket()).isEqualTo(folder.resolve("disk.sock"));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                    .isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(disk.socket())))
                    .isEqualTo("rw-------");
            enter(disk).close();
            borrowing.close(Lender.GRANT);
            assertThat(disk.socket()).doesNotExist();
        }
    }

    @Test
    void openingTwiceAnswersTheSameDiskAndAnotherEpochIsRefused() throws Exception {
        try (Lender lender = Lender.with(1);
                RemoteBorrowing borrowing = RemoteBorrowing.open(runDir, Plaintext.legs())) {
            AttachGrant plan = lender.plan(1);
            assertThat(borrowing.open(plan)).isEqualTo(borrowing.open(plan));
            AttachGrant later =
                    new AttachGrant(
                            UUID.randomUUID(),
                            plan.grantId(),
                            2,
                            plan.vmId(),
                            plan.serial(),
                            plan.mode(),
                            plan.sizeBytes(),
                            plan.extents(),
                            null);
            assertThat(codeOf(borrowing, later)).isEqualTo("grant_open_in_other_epoch");
        }
    }

    @Test
    void refusesWhatCannotBeOpenedAndLeavesNothingOpen() throws Exception {
        try (Lender lender = Lender.with(2);
                FaultProxy proxy = new FaultProxy(lender.lending.address());
                RemoteBorrowing borrowing = RemoteBorrowing.open(runDir, Plaintext.legs())) {
            lender.claim(Lender.GRANT, 1, 1, 1);
            LegPlan good = proxy.leg(lender.leg(Lender.GRANT, 1, 1, 1));
            LegPlan unclaimed = lender.leg(Lender.GRANT, 1, 1, 2);
            LegPlan nobody = new LegPlan(UUID.randomUUID(), "127.0.0.1:1", good.exportName());

            assertThat(codeOf(borrowing, Lender.plan(List.of(good, unclaimed))))
                    .isEqualTo("leg_refused");
            assertThat(codeOf(borrowing, Lender.plan(List.of(good, nobody))))
                    .isEqualTo("leg_unreachable");
            AttachGrant one = Lender.plan(List.of(good));
            AttachGrant mirrored =
                    new AttachGrant(
                            UUID.randomUUID(),
                            one.grantId(),
                            1,
                            one.vmId(),
                            one.serial(),
                            one.mode(),
                            one.sizeBytes(),
                            List.of(new ExtentPlan(0, List.of(good, good))),
                            null);
            assertThat(codeOf(borrowing, mirrored)).isEqualTo("copies_on_one_lender");
            await(Duration.ofSeconds(10), () -> proxy.open() == 0);
            assertThat(borrowing.find(Lender.GRANT)).isEmpty();
        }
    }

    @Test
    void refusesASocketPathThatTheKernelCannotHold() throws Exception {
        Path deep = runDir.resolve("x".repeat(100));
        try (Lender lender = Lender.with(1);
                RemoteBorrowing borrowing = RemoteBorrowing.open(deep, Plaintext.legs())) {
            assertThat(codeOf(borrowing, lender.plan(1))).isEqualTo("socket_path_too_long");
        }
    }

    private static String codeOf(RemoteBorrowing borrowing, AttachGrant plan) {
        return catchThrowableOfType(BorrowingException.class, () -> borrowing.open(plan)).code();
    }
}
