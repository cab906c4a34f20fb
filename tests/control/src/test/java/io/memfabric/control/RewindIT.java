package io.memfabric.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.region.ExportName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Fault F7: the database goes back to an older copy of its files while the hosts go on, as after a failover
/// that lost commits.
class RewindIT {

    private static final Path ROOT = Path.of(System.getProperty("memfabric.root"));
    private static final long SIZE = 64L << 20;
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(90);
    private static final int REGIONS = 24;

    private Path dataDir;
    private BrokerUnderTest broker;
    private List<SimulatedHost> lenders = List.of();
    private SimulatedHost borrower;
    private int port;

    @BeforeEach
    void start() throws Exception {
        dataDir = BrokerUnderTest.newDataDir();
        port = BrokerUnderTest.freePort();
        startBroker();
        lenders = GrantStorm.lenders(broker.admin(), 3, REGIONS);
        borrower = SimulatedHost.enroll(broker.admin(), "borrower", 0, 1);
        borrower.start();
    }

    @AfterEach
    void stop() throws Exception {
        lenders.forEach(SimulatedHost::close);
        if (borrower != null) {
            borrower.close();
        }
        broker.kill();
        Postmaster.awaitEnd(dataDir);
        BrokerUnderTest.deleteTree(dataDir);
    }

    private void startBroker() throws Exception {
        broker =
                BrokerUnderTest.start(
                        ROOT, dataDir, port, List.of(), "--memfabric.recovery-settle=2s");
        broker.awaitReady();
    }

    private void stopBroker() throws Exception {
        broker.kill();
        Postmaster.awaitEnd(dataDir);
    }

    private static void copy(Path from, Path to) throws Exception {
        int exit =
                new ProcessBuilder("cp", "-a", from.toString(), to.toString())
                        .inheritIO()
                        .start()
                        .waitFor();
        assertThat(exit).isZero();
    }

    @Test
    void knowsTheGrantsAgainThatItLostAndGivesNothingOfThemToOthers() throws Exception {
        List<String> kept = grants(4, true);
        List<String> released = grants(4, true);
        stopBroker();
        Path older = dataDir.resolve("older");
        copy(dataDir.resolve("postgres"), older);
        startBroker();
        released.forEach(this::release);
        released.forEach(id -> awaitState(id, "RELEASED"));
        // Some of these get the regions of the released ones, in a later generation.
        List<String> forgotten = grants(10, true);
        Map<UUID, AttachGrant> before = devices();
        assertThat(before).hasSize(kept.size() + forgotten.size());
        mustHoldTheirRegions(before);

        stopBroker();
        BrokerUnderTest.deleteTree(dataDir.resolve("postgres"));
        copy(older, dataDir.resolve("postgres"));
        startBroker();
        awaitGranting();
        List<String> next = grants(8, true);

        Map<UUID, AttachGrant> after = devices();
        assertThat(after.keySet()).containsAll(before.keySet());
        assertThat(after).hasSize(before.size() + next.size());
        mustHoldTheirRegions(after);
        // What the older ledger believes to be live is gone already; it can be ended in peace.
        released.forEach(this::release);
        released.forEach(id -> awaitState(id, "RELEASED"));
        // Nothing stands against what was forgotten any more: borrower and lenders say the same of
        // it, and it is as if nothing had happened.
        forgotten.forEach(id -> awaitState(id, "ACTIVE"));
        List<String> last = grants(4, true);
        mustHoldTheirRegions(devices());
        assertThat(devices().keySet()).containsAll(before.keySet());

        for (List<String> all : List.of(kept, forgotten, next, last)) {
            all.forEach(this::release);
        }
        await(() -> borrower.attached().isEmpty(), "every device to be taken away");
        await(
                () -> lenders.stream().allMatch(host -> host.claimed().isEmpty()),
                "every region to be free again");
    }

    private void release(String id) {
        try {
            Rest.Answer answer = send("DELETE", "/api/v1/grants/" + id);
            assertThat(answer.status()).as(answer.toString()).isEqualTo(202);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<UUID, AttachGrant> devices() {
        Map<UUID, AttachGrant> devices = new TreeMap<>();
        borrower.devices().forEach(device -> devices.put(device.grantId(), device));
        return devices;
    }

    /// Every leg of every device is the only one on its region, and its lender holds that region for
    /// it in the generation of the device.
    private void mustHoldTheirRegions(Map<UUID, AttachGrant> devices) {
        Map<UUID, SimulatedHost> hosts = new TreeMap<>();
        lenders.forEach(host -> hosts.put(host.hostId(), host));
        Set<String> taken = new HashSet<>();
        for (AttachGrant device : devices.values()) {
            for (var extent : device.extents()) {
                assertThat(extent.legs()).hasSize(2);
                for (var leg : extent.legs()) {
                    ExportName export = ExportName.parse(leg.exportName());
                    assertThat(taken.add(leg.lenderId() + " " + export.regionId()))
                            .as("region %s of %s has one owner", export.regionId(), leg.lenderId())
                            .isTrue();
                    assertThat(Objects.requireNonNull(hosts.get(leg.lenderId())).claimed())
                            .contains(
                                    new RegionReport(
                                            export.regionId(),
                                            export.generation(),
                                            RegionReport.State.CLAIMED,
                                            device.grantId(),
                                            export.epoch()));
                }
            }
        }
    }

    /// @param must whether each must become active
    private List<String> grants(int count, boolean must) throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Rest.Answer answer = ask();
            if (must) {
                assertThat(answer.status()).as(answer.toString()).isEqualTo(202);
            }
            if (answer.status() == 202) {
                ids.add(answer.body().at("/operation/grantId").asString());
            }
        }
        if (must) {
            ids.forEach(id -> awaitState(id, "ACTIVE"));
        }
        return ids;
    }

    private Rest.Answer ask() throws Exception {
        return broker.admin()
                .post(
                        "/api/v1/grants",
                        Map.of(
                                "spec",
                                Map.of(
                                        "vmId",
                                        borrower.vmId(0),
                                        "sizeBytes",
                                        SIZE,
                                        "attachMode",
                                        "SWAP",
                                        "copies",
                                        2)),
                        "Idempotency-Key",
                        UUID.randomUUID().toString());
    }

    private Rest.Answer send(String method, String path) throws IOException {
        return broker.admin().send(method, path, null, Duration.ofSeconds(10));
    }

    private void awaitState(String id, String state) {
        await(
                () ->
                        send("GET", "/api/v1/grants/" + id)
                                .body()
                                .at("/status/state")
                                .asString()
                                .equals(state),
                "grant " + id + " to be " + state);
    }

    /// The ledger sees that it lost commits, and grants again when the hosts have said what they
    /// hold.
    private void awaitGranting() {
        await(
                () ->
                        send("GET", "/api/v1/events?pageSize=200&newest=true")
                                .body()
                                .toString()
                                .contains("ledger_recovered"),
                "the recovery of the ledger");
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition, String what) {
        long deadline = System.nanoTime() + LIMIT;
        while (System.nanoTime() < deadline) {
            try {
                if (condition.holds()) {
                    return;
                }
                TimeUnit.MILLISECONDS.sleep(50);
            } catch (IOException e) {
                // The broker is not there yet.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting for " + what, e);
            }
        }
        throw new AssertionError("waited too long for " + what);
    }
}
