package io.memfabric.agent;

import io.memfabric.agent.balloon.BalloonLoop;
import io.memfabric.agent.balloon.Directives;
import io.memfabric.agent.balloon.Explanations;
import io.memfabric.agent.balloon.Growth;
import io.memfabric.agent.balloon.HostView;
import io.memfabric.agent.balloon.PolicyBook;
import io.memfabric.agent.balloon.ProcEyes;
import io.memfabric.agent.borrowing.Borrowing;
import io.memfabric.agent.brokerlink.BrokerLink;
import io.memfabric.agent.brokerlink.GrowthErrand;
import io.memfabric.agent.brokerlink.HostSide;
import io.memfabric.agent.certificate.HostCertificates;
import io.memfabric.agent.command.CommandDesk;
import io.memfabric.agent.command.Conversations;
import io.memfabric.agent.command.GrantRecovery;
import io.memfabric.agent.command.HeldGrants;
import io.memfabric.agent.command.VmPresence;
import io.memfabric.agent.guest.GuestChannels;
import io.memfabric.agent.hostmemory.GroupPressure;
import io.memfabric.agent.hostmemory.GuestResidency;
import io.memfabric.agent.hostmemory.QemuProcesses;
import io.memfabric.agent.hypervisor.Hypervisor;
import io.memfabric.agent.hypervisor.VirtualMachine;
import io.memfabric.agent.lending.Lending;
import io.memfabric.agent.policy.BalloonRules;
import io.memfabric.agent.settings.AgentSettings;
import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.DecisionReport;
import io.memfabric.contract.agent.GrantStop;
import io.memfabric.contract.agent.HostInventory;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.LenderPlace;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.agent.ReportReply;
import io.memfabric.contract.agent.RoundTripReport;
import io.memfabric.contract.agent.SpillReport;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// One host's agent: the parts, joined, and the thread of the balloon loop.
final class Agent implements HostSide, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Agent.class.getName());
    private static final Path PROC = Path.of("/proc");
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration LAST_TICK = Duration.ofSeconds(5);

    private final Hypervisor hypervisor;
    private final Lending lending;
    private final Borrowing borrowing;
    private final RoundTripSide roundTrips;
    private final GuestChannels guests = new GuestChannels();
    private final Directives directives = new Directives();
    private final PolicyBook policies;
    private final Growth growth;
    private final HeldGrants grants;
    private final GrantRecovery recovery;
    private final BalloonLoop balloons;
    private final Explanations explanations;
    private final CommandDesk desk;
    private final BrokerLink link;
    private final Thread loop;
    private volatile boolean stopping;

    /// Grants that the broker does not know: it is told how their devices are built.
    private volatile Set<UUID> described = Set.of();

    private List<RegionReport> lastRegions = List.of();
    private Optional<SpillReport> lastSpill = Optional.empty();
    private final Map<UUID, UUID> lastBoots = new HashMap<>();

    /// What lets this host's VMs borrow, begun before the agent is: its guests stand still until their
    /// pages are served again.
    record BorrowingSide(Borrowing borrowing, HeldGrants grants, GrantRecovery recovery) {}

    /// @throws IOException where the state folder holds something that cannot be used
    Agent(
            AgentSettings settings,
            HostCertificates certificates,
            Hypervisor hypervisor,
            Lending lending,
            BorrowingSide borrowingSide,
            RoundTripSide roundTrips)
            throws IOException {
        this.roundTrips = roundTrips;
        this.hypervisor = hypervisor;
        this.lending = lending;
        borrowing = borrowingSide.borrowing();
        grants = borrowingSide.grants();
        recovery = borrowingSide.recovery();
        QemuProcesses processes = new QemuProcesses(PROC);
        policies = PolicyBook.load(settings.stateDir().resolve("policies.json"));
        BalloonRules rules =
                new BalloonRules(settings.floor(), settings.headroom(), settings.step());
        growth = Growth.load(settings.stateDir().resolve("growth.json"), rules);
        balloons =
                new BalloonLoop(
                        new BalloonLoop.Parts(
                                hypervisor,
                                guests,
                                new ProcEyes(
                                        PROC,
                                        new GuestResidency(PROC, processes),
                                        new GroupPressure(PROC, CGROUPS, processes)),
                                lending,
                                directives,
                                policies::of,
                                growth,
                                grants::borrows,
                                rules,
                                settings.reserve().bytes()));
        explanations = new Explanations(balloons.decisions());
        guests.whenHeard(balloons::guestSpoke);
        link =
                new BrokerLink(
                        new BrokerLink.Enrollment(
                                settings.brokers(),
                                settings.joinTokenFile(),
                                settings.stateDir().resolve("identity.json"),
                                new BrokerLink.Host(
                                        settings.hostName(),
                                        settings.dataAdvertise(),
                                        AgentVersion.VALUE),
                                certificates,
                                new BrokerLink.Security(
                                        settings.brokerTls(), settings.brokerAuthorityFile())),
                        this);
        desk =
                new CommandDesk(
                        lending,
                        new Conversations(
                                hypervisor,
                                new VmPresence(hypervisor, processes::exists),
                                guests,
                                borrowing,
                                grants,
                                settings.runDir(),
                                Conversations.Patience.NORMAL),
                        this::answer);
        borrowing.whenLegsChange(link::inventoryChanged);
        loop = Thread.ofPlatform().name("balloon").unstarted(this::run);
    }

    void start() throws IOException {
        loop.start();
        link.start();
    }

    private void run() {
        long next = System.nanoTime();
        while (!stopping) {
            try {
                balloons.tick();
                tellGuestsAndBroker();
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "a tick of the balloon loop", e);
            }
            next = Math.max(next + TICK.toNanos(), System.nanoTime());
            try {
                balloons.awaitNeed(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void tellGuestsAndBroker() {
        HostView view = balloons.view();
        if (view != null && view.hypervisorReachable()) {
            Map<UUID, Path> channels = new HashMap<>();
            for (VirtualMachine machine : view.machines()) {
                if (machine.isRunning()) {
                    machine.channel().ifPresent(path -> channels.put(machine.id(), path));
                }
            }
            guests.reconcile(channels);
            lastBoots.keySet().retainAll(view.machines().stream().map(VirtualMachine::id).toList());
        }
        Map<UUID, UUID> boots = guests.boots();
        boots.forEach(
                (vmId, bootId) -> {
                    if (!bootId.equals(lastBoots.put(vmId, bootId))) {
                        desk.guestBooted(vmId);
                    }
                });
        List<RegionReport> regions = lending.regions();
        Optional<SpillReport> spill = lending.spill();
        if (!regions.equals(lastRegions) || !spill.equals(lastSpill)) {
            lastRegions = regions;
            lastSpill = spill;
            link.inventoryChanged();
        }
    }

    private void answer(CommandResult result) {
        link.inventoryChanged();
        link.answer(result);
    }

    @Override
    public Optional<HostReport> report(long sequence) {
        HostView view = balloons.view();
        return view == null
                ? Optional.empty()
                : Optional.of(
                        HostReport.whole(
                                lending.bootId(),
                                sequence,
                                view.mode(),
                                view.memory(),
                                view.vms(),
                                policies.tag(),
                                view.forecast()));
    }

    @Override
    public RoundTripReport roundTrips(List<LenderPlace> named) {
        return roundTrips.report(grants.lenders(), named);
    }

    @Override
    public HostInventory inventory() {
        return new HostInventory(
                lending.bootId(),
                lending.regions(),
                grants.reports(
                        borrowing::legsNotWhole, roundTrips.ways()::of, this::stopOf, described),
                lending.spill().orElse(null));
    }

    private Optional<GrantStop> stopOf(UUID grantId) {
        return recovery.stopOf(grantId)
                .or(
                        () ->
                                borrowing
                                        .stopOf(grantId)
                                        .map(stop -> new GrantStop(stop.code(), stop.detail())));
    }

    @Override
    public DecisionReport decisions(long after) {
        return explanations.after(after);
    }

    @Override
    public void heard(ReportReply reply) {
        if (reply.mode() != directives.mode()) {
            LOG.log(Level.INFO, "the broker sets mode {0}", reply.mode());
        }
        directives.said(reply.mode(), reply.lendLimitBytes());
        Set<UUID> asked = reply.describe() == null ? Set.of() : Set.copyOf(reply.describe());
        boolean isNew = !described.containsAll(asked);
        described = asked;
        if (isNew) {
            link.inventoryChanged();
        }
        if (reply.policies() != null) {
            policies.take(reply.policies());
        }
    }

    @Override
    public List<GrowthErrand> growth() {
        return growth.due().stream()
                .map(
                        due ->
                                new GrowthErrand(
                                        due.growth().requestId(),
                                        due.vmId(),
                                        due.growth().bytes(),
                                        switch (due.growth().stage()) {
                                            case WANTED -> GrowthErrand.Kind.ASK;
                                            case HELD -> GrowthErrand.Kind.LOOK;
                                            case LEAVING ->
                                                    due.isTold()
                                                            ? GrowthErrand.Kind.LOOK
                                                            : GrowthErrand.Kind.GIVE_BACK;
                                        }))
                .toList();
    }

    @Override
    public void growthAnswered(GrowthErrand errand, GrowthErrand.Answer answer, String detail) {
        if (errand.kind() == GrowthErrand.Kind.ASK) {
            LOG.log(
                    Level.INFO,
                    "growth of {0} by {1} MiB: {2}",
                    errand.vmId(),
                    errand.bytes() >> 20,
                    detail);
        }
        switch (answer) {
            case LIVE -> growth.live(errand.vmId(), errand.requestId());
            case LEAVING -> growth.leaving(errand.requestId());
            case GONE -> growth.gone(errand.vmId(), errand.requestId());
            case REFUSED -> {
                if (errand.kind() == GrowthErrand.Kind.ASK) {
                    growth.refused(errand.vmId(), errand.requestId());
                } else {
                    growth.unanswered(errand.requestId());
                }
            }
        }
    }

    @Override
    public void take(AgentCommand command) {
        desk.take(command);
    }

    /// Stops in the order of use: no more commands, no more moves, then the ports.
    @Override
    public void close() {
        stopping = true;
        link.close();
        desk.close();
        try {
            if (!loop.join(LAST_TICK)) {
                loop.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        guests.close();
        hypervisor.close();
        recovery.close();
        borrowing.close();
        lending.close();
    }
}
