package io.memfabric.control;

import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.CommandBatch;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.EnrollRequest;
import io.memfabric.contract.agent.EnrollResponse;
import io.memfabric.contract.agent.GrantReport;
import io.memfabric.contract.agent.HostInventory;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.agent.ReportReply;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/// A host without memory that speaks the whole agent API: it reports every second, takes commands by
/// long poll, judges them by the lender's rule, and goes on through any outage of its broker.
final class SimulatedHost implements AutoCloseable {

    private static final long GIB = 1L << 30;
    private static final Duration POLL = Duration.ofSeconds(20);

    /// Where there are several brokers, one that hangs is soon left.
    private static final Duration SHORT_POLL = Duration.ofSeconds(2);

    private static final Duration REPORT = Duration.ofSeconds(5);
    private static final int INVENTORY_EVERY = 10;

    private final Rest rest;
    private final UUID hostId;
    private final UUID bootId = UUID.randomUUID();
    private final RegionsInMemory regions;
    private final List<VmReport> vms = new ArrayList<>();
    private final Map<UUID, GrantReport> attached = new HashMap<>();
    private final Map<UUID, AttachGrant> devices = new HashMap<>();
    private final Map<UUID, CommandResult> answered = new LinkedHashMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong term = new AtomicLong();
    private volatile HarvestMode mode = HarvestMode.OBSERVE;
    private volatile boolean inventoryDue = true;
    private volatile boolean closed;

    private SimulatedHost(Rest rest, UUID hostId, int offered) {
        this.rest = rest;
        this.hostId = hostId;
        this.regions = new RegionsInMemory(bootId, offered);
    }

    /// Enrolls a host that lends this many regions and has this many running VMs.
    static SimulatedHost enroll(Rest admin, String name, int offered, int vms) throws IOException {
        String token =
                expect(201, admin.post("/api/v1/join-tokens", Map.of("hostName", name)))
                        .at("/token")
                        .asString();
        EnrollResponse enrolled =
                Rest.JSON.treeToValue(
                        expect(
                                201,
                                admin.as(token)
                                        .post(
                                                "/agent/v1/enroll",
                                                new EnrollRequest(
                                                        name,
                                                        "192.0.2.1:7700",
                                                        "0.1.0",
                                                        KeyRequest.pem()))),
                        EnrollResponse.class);
        SimulatedHost host =
                new SimulatedHost(admin.as(enrolled.agentToken()), enrolled.hostId(), offered);
        for (int i = 0; i < vms; i++) {
            host.vms.add(
                    VmReport.silent(
                            UUID.randomUUID(),
                            name + "-vm" + i,
                            VmReport.State.RUNNING,
                            GIB,
                            GIB,
                            GIB / 2,
                            GIB,
                            true,
                            null));
        }
        if (offered > 0) {
            host.allowLending(admin);
        }
        return host;
    }

    private static tools.jackson.databind.JsonNode expect(int status, Rest.Answer answer)
            throws IOException {
        if (answer.status() != status) {
            throw new IOException("not %d: %s".formatted(status, answer));
        }
        return answer.body();
    }

    private void allowLending(Rest admin) throws IOException {
        long revision = expect(200, admin.get("/api/v1/hosts/" + hostId)).at("/revision").asLong();
        expect(
                200,
                admin.send(
                        "PATCH",
                        "/api/v1/hosts/" + hostId,
                        "{\"spec\":{\"mode\":\"HARVEST\",\"lendLimitBytes\":%d}}"
                                .formatted(1L << 45),
                        Duration.ofSeconds(10),
                        "If-Match",
                        "\"" + revision + "\""));
        mode = HarvestMode.HARVEST;
    }

    UUID hostId() {
        return hostId;
    }

    UUID vmId(int number) {
        return vms.get(number).vmId();
    }

    RegionsInMemory regions() {
        return regions;
    }

    /// The grants whose device it has.
    synchronized List<UUID> attached() {
        return List.copyOf(attached.keySet());
    }

    /// What the devices that it has are made of.
    synchronized List<AttachGrant> devices() {
        return List.copyOf(devices.values());
    }

    /// A report and an inventory, once; then both and commands for as long as it is not closed.
    void start() throws IOException {
        report(1);
        inventory();
        threads.add(Thread.ofVirtual().start(this::reportForever));
        threads.add(Thread.ofVirtual().start(this::obeyForever));
    }

    /// Reports only, for a load that needs no obedience.
    void startReporting() throws IOException {
        report(1);
        inventory();
        threads.add(Thread.ofVirtual().start(this::reportForever));
    }

    private void reportForever() {
        for (long sequence = 2; !closed; sequence++) {
            try {
                report(sequence);
                if (inventoryDue || sequence % INVENTORY_EVERY == 0) {
                    inventory();
                }
            } catch (IOException | RuntimeException e) {
                inventoryDue = true;
            }
            sleep(Duration.ofSeconds(1));
        }
    }

    private void obeyForever() {
        long revision = -1;
        Duration poll = rest.knowsSeveral() ? SHORT_POLL : POLL;
        while (!closed) {
            try {
                Rest.Answer answer =
                        rest.get(
                                "/agent/v1/commands?revision=%d&wait=%d"
                                        .formatted(revision, poll.toSeconds()),
                                poll.plusSeconds(5));
                CommandBatch batch = Rest.JSON.treeToValue(expect(200, answer), CommandBatch.class);
                if (term.accumulateAndGet(batch.term(), Math::max) != batch.term()) {
                    throw new IOException("a broker of an older term");
                }
                for (AgentCommand command : batch.commands()) {
                    expect(204, rest.post("/agent/v1/results", carryOut(command)));
                }
                revision = batch.revision();
            } catch (IOException | RuntimeException e) {
                revision = -1;
                sleep(Duration.ofMillis(200));
            }
        }
    }

    private void report(long sequence) throws IOException {
        long size = FabricLimits.REGION.bytes();
        MemoryReport memory =
                new MemoryReport(
                        64 * GIB,
                        32 * GIB,
                        GIB,
                        GIB,
                        regions.count() * size,
                        regions.claimed() * size,
                        0);
        HostReport report = HostReport.whole(bootId, sequence, mode, memory, vms, null, null);
        ReportReply reply =
                Rest.JSON.treeToValue(
                        expect(
                                200,
                                rest.send(
                                        "POST",
                                        "/agent/v1/reports",
                                        Rest.JSON.writeValueAsString(report),
                                        REPORT)),
                        ReportReply.class);
        if (reply.moveOn() && rest.knowsSeveral()) {
            rest.moveOn();
            inventoryDue = true;
        }
        inventoryDue |= reply.inventoryWanted();
    }

    private void inventory() throws IOException {
        HostInventory inventory;
        synchronized (this) {
            inventory = new HostInventory(bootId, regions.all(), List.copyOf(attached.values()));
        }
        expect(204, rest.post("/agent/v1/inventories", inventory));
        inventoryDue = false;
    }

    /// Carries a command out once; the same one again gets the same answer.
    private synchronized CommandResult carryOut(AgentCommand command) {
        CommandResult known = answered.get(command.commandId());
        if (known != null) {
            return known;
        }
        CommandResult result =
                switch (command) {
                    case AttachGrant c -> {
                        devices.put(c.grantId(), c);
                        attached.put(
                                c.grantId(),
                                new GrantReport(
                                        c.grantId(),
                                        c.epoch(),
                                        c.vmId(),
                                        List.of(),
                                        List.of(),
                                        null));
                        yield CommandResult.done(c.commandId());
                    }
                    case DetachGrant c -> {
                        attached.remove(c.grantId());
                        devices.remove(c.grantId());
                        yield CommandResult.done(c.commandId());
                    }
                    default -> regions.judge(command);
                };
        answered.put(command.commandId(), result);
        return result;
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The regions that it holds for grants.
    List<RegionReport> claimed() {
        return regions.all().stream()
                .filter(region -> region.state() == RegionReport.State.CLAIMED)
                .toList();
    }

    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
    }
}
