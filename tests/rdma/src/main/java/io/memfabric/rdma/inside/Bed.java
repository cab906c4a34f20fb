package io.memfabric.rdma.inside;

import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.ExportedDisk;
import io.memfabric.agent.borrowing.Leg;
import io.memfabric.agent.borrowing.LegGroup;
import io.memfabric.agent.borrowing.RemoteBorrowing;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.LegReport;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.region.RegionSetName;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// A borrower, two lenders, and a sealed device of one extent with a copy at each.
final class Bed {

    static final UUID GRANT = UUID.fromString("11111111-2222-3333-4444-555555555555");
    private static final long REGION = 1;
    private static final int REGIONS = 2;
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(60);

    final Ways ways;
    final RemoteLender first;
    final RemoteLender second;
    final RemoteBorrowing borrowing;

    Bed(Ways ways) throws IOException {
        this.ways = ways;
        first = RemoteLender.with(1, REGIONS + 2);
        second = RemoteLender.with(2, REGIONS);
        borrowing = RemoteBorrowing.open(Path.of("/run/memfabric"), ways.borrowing());
    }

    StampedDisk openDisk() throws IOException, BorrowingException {
        first.claim(GRANT, 1, REGION, 1);
        second.claim(GRANT, 1, REGION, 1);
        ExtentPlan extent =
                new ExtentPlan(
                        0,
                        List.of(
                                first.leg(first.name(GRANT, 1, REGION, 1)),
                                second.leg(second.name(GRANT, 1, REGION, 1))));
        AttachGrant plan =
                new AttachGrant(
                        UUID.randomUUID(),
                        GRANT,
                        1,
                        UUID.randomUUID(),
                        "mf-verbs",
                        AttachMode.SWAP,
                        FabricLimits.REGION.bytes(),
                        List.of(extent),
                        UUID.randomUUID());
        ExportedDisk disk = borrowing.open(plan);
        return StampedDisk.open(disk, 4711);
    }

    String askFirst(String order) throws IOException {
        return first.ask(order, GRANT, 1, REGION, 1);
    }

    String askSecond(String order) throws IOException {
        return second.ask(order, GRANT, 1, REGION, 1);
    }

    void fenceSecond() throws IOException {
        second.fence(GRANT, 1, REGION, 1);
    }

    List<LegReport> notWhole() {
        return borrowing.legsNotWhole(GRANT);
    }

    /// Connects to one region by name, as a borrower would that knows that name.
    Leg.Connected connect(RemoteLender lender, ExportName name) throws BorrowingException {
        RegionSetName regions = new RegionSetName(List.of(name));
        return connect(lender.address(), regions);
    }

    /// Connects to whoever is at an address.
    Leg.Connected connect(String address, RegionSetName regions) throws BorrowingException {
        return ways.borrowing().connect(new LegGroup(UUID.randomUUID(), address, regions));
    }

    /// The code with which a lender refuses a name.
    String refusal(RemoteLender lender, ExportName name) {
        try (Leg.Connected connected = connect(lender, name)) {
            return "let in: " + connected;
        } catch (BorrowingException e) {
            return e.code();
        }
    }

    /// Counts something in the kernel.
    interface Counting {
        VerbsCount now() throws IOException;
    }

    /// Waits until the kernel holds no more than before.
    static String settled(VerbsCount before, Counting counting) throws IOException {
        long end = System.nanoTime() + LIMIT / 4;
        VerbsCount now = counting.now();
        while (!now.equals(before)) {
            if (System.nanoTime() - end > 0) {
                throw new IOException(before + " before, " + now + " after");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            now = counting.now();
        }
        return now + ", as before";
    }

    static void await(String what, BooleanSupplier condition) throws IOException {
        long end = System.nanoTime() + LIMIT;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new IOException("waited a minute for " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }
}
