package io.memfabric.broker.inventory;

import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.policy.PlacementRules;
import io.memfabric.contract.agent.LendingForecast;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.agent.VmReport;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.stereotype.Service;

/// What other features may know of hosts and VMs.
@Service
public class Inventory {

    private final HostRepository hosts;
    private final HostRows hostRows;
    private final VmRows vms;
    private final VmPolicyTable policies;
    private final Presence presence;
    private final PresenceShare share;
    private final Quarantine quarantine;
    private final InventoryTimes inventories;
    private final Descriptions descriptions;
    private final Events events;
    private final HostLimits limits;
    private final InstantSource clock;

    Inventory(
            HostRepository hosts,
            HostRows hostRows,
            VmRows vms,
            VmPolicyTable policies,
            Presence presence,
            PresenceShare share,
            Quarantine quarantine,
            InventoryTimes inventories,
            Descriptions descriptions,
            Events events,
            HostLimits limits,
            InstantSource clock) {
        this.hosts = hosts;
        this.hostRows = hostRows;
        this.vms = vms;
        this.policies = policies;
        this.presence = presence;
        this.share = share;
        this.quarantine = quarantine;
        this.inventories = inventories;
        this.descriptions = descriptions;
        this.events = events;
        this.limits = limits;
        this.clock = clock;
    }

    /// A VM with what its host said last.
    ///
    /// @param reachable whether that host was heard lately
    public record VmNow(VmRow row, boolean reachable, VmReport.State state, boolean guestDaemon) {}

    public Optional<HostRow> host(UUID id) {
        return hosts.findById(id).map(HostEntity::row);
    }

    /// What holds for every placement.
    public PlacementRules placementRules() {
        return hostRows.rules();
    }

    public List<HostRow> hosts() {
        return hostRows.all();
    }

    /// Whether a host was heard lately, speaks with one voice, and still has the region table that
    /// the ledger believes in.
    public boolean canBeAsked(HostRow host) {
        return !quarantine.holds(host.id())
                && presence.of(host.id())
                        .filter(Presence.Heard::isRecent)
                        .filter(last -> last.report().bootId().equals(host.bootId()))
                        .isPresent();
    }

    public boolean isReachable(UUID hostId) {
        return presence.isReachable(hostId);
    }

    /// Whether two agents have the host's identity, so that nothing of what it says is believed.
    public boolean isInQuarantine(UUID hostId) {
        return quarantine.holds(hostId);
    }

    /// Whether another broker on this ledger heard the host lately; in the transaction at hand.
    public boolean isServedElsewhere(UUID hostId) {
        return share.isElsewhere(hostId);
    }

    /// For how long a host has said nothing; one that was never heard, since the broker started.
    public Duration silence(UUID hostId) {
        return presence.silence(hostId);
    }

    /// What a host last said of its memory, if it was heard lately.
    public Optional<MemoryReport> memory(UUID hostId) {
        return presence.of(hostId)
                .filter(Presence.Heard::isRecent)
                .map(last -> last.report().memory());
    }

    /// What every host that was heard lately last said of its memory.
    public Map<UUID, MemoryReport> memoryOfHeard() {
        return presence.memoryOfHeard();
    }

    public Optional<VmNow> vm(UUID id) {
        return vms.find(id).map(this::now);
    }

    /// The most that a VM may hold in grants that its host asks for by itself; 0 for none.
    public long growMaxBytes(UUID vmId) {
        return policies.of(vmId).spec().policy(vmId).growMaxBytes();
    }

    /// For how long how much of a host's memory is likely to stay idle; empty where the host says
    /// nothing of it, or has fallen silent.
    public Optional<LendingForecast> forecast(UUID hostId) {
        return presence.of(hostId)
                .filter(Presence.Heard::isRecent)
                .map(last -> last.report().forecast());
    }

    /// Asks a host from now on how the devices of these grants are built, and of no others.
    public void describe(UUID hostId, Set<UUID> grants) {
        descriptions.want(hostId, grants);
    }

    /// What a host lends, and from which balloons it comes.
    ///
    /// @param harvestedByVm what each VM's balloon holds, as its host last said
    public record Lent(long lentBytes, Map<UUID, Long> harvestedByVm) {}

    /// Every reachable host that lends something.
    public List<Lent> lent() {
        List<Lent> lent = new ArrayList<>();
        hostRows.lentBytes()
                .forEach(
                        (host, bytes) ->
                                presence.of(host)
                                        .filter(Presence.Heard::isRecent)
                                        .map(last -> new Lent(bytes, last.vms().harvested()))
                                        .ifPresent(lent::add));
        return lent;
    }

    /// Records, in the transaction at hand, that an inventory with this boot id is taken in.
    public void believe(UUID hostId, UUID bootId) {
        hosts.believe(hostId, bootId, clock.instant());
        if (hosts.noteHeard(hostId) == 1) {
            events.add(
                    NewEvent.of("host_returned", "A host that was lost says what it holds.")
                            .host(hostId));
        }
        limits.changed(hostId);
    }

    /// Notes that another feature changes, in the transaction at hand, what a host may lend.
    public void limitChanged(UUID hostId) {
        limits.changed(hostId);
    }

    /// Notes that an inventory was taken in, so that reports ask for none for a while.
    public void inventoryTaken(UUID hostId) {
        inventories.taken(hostId);
    }

    private VmNow now(VmRow row) {
        Optional<Presence.Heard> last = presence.of(row.hostId()).filter(Presence.Heard::isRecent);
        Optional<VmReport> report = last.flatMap(heard -> heard.vms().of(row.id()));
        return new VmNow(
                row,
                last.isPresent(),
                report.map(VmReport::state).orElse(row.state()),
                report.map(VmReport::guestDaemon).orElse(row.guestDaemon()));
    }
}
