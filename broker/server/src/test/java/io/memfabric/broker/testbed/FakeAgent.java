package io.memfabric.broker.testbed;

import static java.util.Objects.requireNonNull;

import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.CommandBatch;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.DecisionReport;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.DevicePlan;
import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.EnrollRequest;
import io.memfabric.contract.agent.EnrollResponse;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.GrowthRequest;
import io.memfabric.contract.agent.HostInventory;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.LegReport;
import io.memfabric.contract.agent.LenderWay;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.agent.ReplaceLegs;
import io.memfabric.contract.agent.ReportReply;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// An agent without a host: it keeps a region table by the lender's rule, and answers commands when
/// it is told to.
public final class FakeAgent {

    private static final long GIB = 1L << 30;

    private Http http;
    private String token = "";
    private Runnable afterStep = () -> {};
    private final UUID hostId;
    private final String name;
    private UUID bootId = UUID.randomUUID();
    private long sequence;
    private @Nullable String policiesTag;
    private HarvestMode mode = HarvestMode.OBSERVE;
    private long shortBytes;
    private final TreeMap<Long, RegionReport> regions = new TreeMap<>();
    public final FakeSpill spill = new FakeSpill();
    private final Map<UUID, VmReport> vms = new LinkedHashMap<>();
    private final FakeDevices devices = new FakeDevices();

    private FakeAgent(Http http, UUID hostId, String name) {
        this.http = http;
        this.hostId = hostId;
        this.name = name;
    }

    /// Enrolls a new host and reports it once.
    public static FakeAgent enroll(TestBroker broker, String name) {
        FakeAgent agent = enroll(broker.admin(), broker::caller, name);
        agent.afterStep = broker::holdInvariants;
        return agent;
    }

    /// Enrolls a new host at any broker.
    public static FakeAgent enroll(Http admin, Function<String, Http> caller, String name) {
        EnrollResponse enrolled = join(admin, caller, name);
        FakeAgent agent =
                new FakeAgent(caller.apply(enrolled.agentToken()), enrolled.hostId(), name);
        agent.token = enrolled.agentToken();
        agent.sync();
        return agent;
    }

    private static EnrollResponse join(Http admin, Function<String, Http> caller, String name) {
        Http.Answer token = admin.post("/api/v1/join-tokens", Map.of("hostName", name));
        Http.Answer answer =
                caller.apply(token.body().get("token").asString())
                        .post(
                                "/agent/v1/enroll",
                                new EnrollRequest(name, "192.0.2.1:7700", "0.1.0", Requests.pem()));
        return Http.JSON.treeToValue(answer.body(), EnrollResponse.class);
    }

    /// Enrolls the same host again, as after its identity was ended.
    public void enrollAgain(Http admin, Function<String, Http> caller) {
        token = join(admin, caller, name).agentToken();
        http = caller.apply(token);
    }

    /// Another agent with this one's identity, as on a cloned machine.
    public FakeAgent cloned(TestBroker broker) {
        FakeAgent clone = new FakeAgent(broker.caller(token), hostId, name);
        clone.token = token;
        return clone;
    }

    /// Goes on with a broker at another address.
    public void moveTo(Function<String, Http> caller) {
        http = caller.apply(token);
        afterStep = () -> {};
        sync();
    }

    /// Changes the host's mode and limit as an operator does.
    public void change(TestBroker broker, HarvestMode wanted, long lendLimitBytes) {
        change(broker.admin(), wanted, lendLimitBytes);
    }

    public void change(Http admin, HarvestMode wanted, long lendLimitBytes) {
        Http.Answer host = admin.get("/api/v1/hosts/" + hostId);
        admin.patch(
                "/api/v1/hosts/" + hostId,
                Map.of("spec", Map.of("mode", wanted.name(), "lendLimitBytes", lendLimitBytes)),
                "If-Match",
                host.etag().orElseThrow());
        mode = wanted;
    }

    /// Asks for a grant for its VM by itself.
    public Http.Answer grow(UUID requestId, long bytes) {
        return grow(requestId, bytes, vmId());
    }

    public Http.Answer grow(UUID requestId, long bytes, UUID vm) {
        return http.post("/agent/v1/growth", new GrowthRequest(requestId, vm, bytes));
    }

    public Http.Answer giveBack(UUID requestId) {
        return http.delete("/agent/v1/growth/" + requestId);
    }

    /// A report and an inventory.
    public void sync() {
        report();
        sendInventory();
    }

    /// Tells of decisions about its VM, each with that number and rule.
    public Http.Answer decide(long sequence, String rule) {
        return http.post(
                "/agent/v1/decisions",
                new DecisionReport(bootId, List.of(FakeDecision.of(vmId(), sequence, rule))));
    }

    public String name() {
        return name;
    }

    public UUID hostId() {
        return hostId;
    }

    public UUID bootId() {
        return bootId;
    }

    public Http http() {
        return http;
    }

    /// What it shows the broker.
    public String token() {
        return token;
    }

    public UUID addVm(VmReport.State state, boolean guestDaemon) {
        UUID id = UUID.randomUUID();
        vms.put(
                id,
                VmReport.silent(
                        id,
                        name + "-vm" + vms.size(),
                        state,
                        GIB,
                        GIB,
                        GIB / 2,
                        GIB,
                        guestDaemon,
                        null));
        return id;
    }

    public UUID vmId() {
        return vms.keySet().iterator().next();
    }

    public Set<UUID> vmIds() {
        return Set.copyOf(vms.keySet());
    }

    public void setVm(UUID id, VmReport.State state, boolean guestDaemon) {
        VmReport old = requireNonNull(vms.get(id));
        put(VmReport.silent(id, old.name(), state, GIB, GIB, GIB / 2, GIB, guestDaemon, null));
    }

    public void put(VmReport vm) {
        vms.put(vm.vmId(), vm);
    }

    /// Takes in a VM that another host has or had.
    public void adopt(UUID id, VmReport.State state) {
        put(VmReport.silent(id, "adopted", state, GIB, GIB, null, GIB, true, null));
    }

    public void forgetVm(UUID id) {
        vms.remove(id);
    }

    public void offer(int count) {
        for (int i = 0; i < count; i++) {
            long id = regions.isEmpty() ? 1 : regions.lastKey() + 1;
            regions.put(id, new RegionReport(id, 0, RegionReport.State.FREE, null, 0));
        }
    }

    public void withdraw(long regionId) {
        regions.remove(regionId);
    }

    public void put(RegionReport region) {
        regions.put(region.regionId(), region);
    }

    public RegionReport region(long regionId) {
        return requireNonNull(regions.get(regionId));
    }

    /// Loses the region table, as a restart does.
    public void reboot(int newRegions) {
        bootId = UUID.randomUUID();
        regions.clear();
        offer(newRegions);
    }

    public void pretendAttached(UUID grantId, UUID vmId, @Nullable DevicePlan plan) {
        devices.pretendAttached(grantId, vmId, plan);
    }

    public void loseDevice(UUID grantId) {
        devices.lose(grantId);
    }

    public ReportReply report() {
        long size = FabricLimits.REGION.bytes();
        long lent =
                regions.values().stream()
                        .filter(r -> r.state() == RegionReport.State.CLAIMED)
                        .count();
        HostReport report =
                HostReport.whole(
                        bootId,
                        ++sequence,
                        mode,
                        new MemoryReport(
                                8 * GIB,
                                4 * GIB,
                                GIB,
                                GIB,
                                regions.size() * size,
                                lent * size,
                                shortBytes),
                        List.copyOf(vms.values()),
                        policiesTag,
                        null);
        Http.Answer answer = http.post("/agent/v1/reports", report);
        if (answer.status() != 200) {
            throw new IllegalStateException("report: " + answer);
        }
        ReportReply reply = Http.JSON.treeToValue(answer.body(), ReportReply.class);
        devices.describe(reply.describe());
        if (reply.policies() != null) {
            policiesTag = reply.policies().tag();
        }
        return reply;
    }

    public void sendInventory() {
        HostInventory all =
                new HostInventory(
                        bootId, List.copyOf(regions.values()), devices.reports(), spill.report());
        Http.Answer answer = http.post("/agent/v1/inventories", all);
        if (answer.status() != 204) {
            throw new IllegalStateException("inventory: " + answer);
        }
        afterStep.run();
    }

    /// The commands that are not answered yet, at once.
    public List<AgentCommand> commands() {
        return poll(-1, 0).commands();
    }

    public CommandBatch poll(long known, int waitSeconds) {
        Http.Answer answer =
                http.get("/agent/v1/commands?revision=" + known + "&wait=" + waitSeconds);
        if (answer.status() != 200) {
            throw new IllegalStateException("commands: " + answer);
        }
        return Http.JSON.treeToValue(answer.body(), CommandBatch.class);
    }

    public void answer(CommandResult result) {
        Http.Answer answer = http.post("/agent/v1/results", result);
        if (answer.status() != 204) {
            throw new IllegalStateException("result: " + answer);
        }
        afterStep.run();
    }

    /// Carries out every command by the rules and answers it.
    public List<AgentCommand> obey() {
        List<AgentCommand> done = new ArrayList<>();
        for (AgentCommand command : commands()) {
            answer(carryOut(command));
            done.add(command);
        }
        return done;
    }

    /// Answers every command with what `reply` says.
    public List<AgentCommand> reply(Function<AgentCommand, CommandResult> reply) {
        List<AgentCommand> all = commands();
        all.forEach(command -> answer(reply.apply(command)));
        return all;
    }

    public List<AgentCommand> refuse(String code) {
        return reply(c -> CommandResult.refused(c.commandId(), code, "refused by the test"));
    }

    private CommandResult carryOut(AgentCommand command) {
        return switch (command) {
            case PrepareRegions c when spill.has(c.regions()) -> spill.prepare(c);
            case FenceRegions c when spill.has(c.regions()) -> spill.fence(c);
            case PrepareRegions c -> RegionRule.prepare(c, bootId, regions);
            case FenceRegions c -> {
                CommandResult result = RegionRule.fence(c, bootId, regions);
                if (c.withdraw()) {
                    c.regions().forEach(region -> regions.remove(region.regionId()));
                }
                yield result;
            }
            case AttachGrant c -> devices.attach(c);
            case ReplaceLegs c -> devices.replace(c);
            case DropLegs c -> devices.drop(c);
            case DetachGrant c -> devices.detach(c);
        };
    }

    /// Says from now on that it needs back so much of what it lends.
    public void needs(long bytes) {
        shortBytes = bytes;
    }

    /// Dissolves free regions down to what it may offer, as a lender does.
    public void dissolveTo(long bytes) {
        long may = bytes / FabricLimits.REGION.bytes();
        List.copyOf(regions.values()).stream()
                .filter(region -> region.state() == RegionReport.State.FREE)
                .limit(Math.max(0, regions.size() - may))
                .forEach(region -> regions.remove(region.regionId()));
    }

    public int offered() {
        return regions.size();
    }

    /// The export names of the legs that the device of the grant attached last has, at a lender.
    public List<String> legsAt(FakeAgent lender) {
        return devices.legsAt(lender.bootId());
    }

    /// Says from now on that these legs are not whole.
    public void say(UUID grantId, List<LegReport> legs) {
        devices.say(grantId, legs);
    }

    public void sayWays(UUID grantId, List<LenderWay> ways) {
        devices.sayWays(grantId, ways);
    }

    /// Says from now on that the device of a grant serves no more, or with null that it serves.
    public void sayStopped(UUID grantId, @Nullable String code) {
        devices.sayStopped(grantId, code);
    }

    /// Says from now on of every leg at a lender that it is not whole.
    public void say(UUID grantId, FakeAgent lender, LegReport.Reach reach) {
        devices.say(grantId, lender.bootId(), reach);
    }
}
