package io.memfabric.broker.inventory;

import io.memfabric.contract.agent.DecisionReport;
import io.memfabric.contract.agent.VmDecision;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/// What hosts lately decided about balloons, in memory only: the hosts remember it and tell it again
/// to a broker that starts anew.
@Component
class Decisions {

    /// As many are kept of each VM.
    static final int KEPT = 64;

    private final Map<UUID, OfHost> hosts = new ConcurrentHashMap<>();

    private static final class OfHost {
        private UUID processId = new UUID(0, 0);
        private long last;
        private final Map<UUID, Deque<VmDecision>> byVm = new ConcurrentHashMap<>();
    }

    /// Takes in what is new.
    ///
    /// @param vms the VMs that the host has; it may speak of no other
    /// @return what was not told before, by this process of the agent
    List<VmDecision> take(UUID hostId, DecisionReport report, Set<UUID> vms) {
        OfHost host = hosts.computeIfAbsent(hostId, _ -> new OfHost());
        synchronized (host) {
            if (!host.processId.equals(report.processId())) {
                host.processId = report.processId();
                host.last = 0;
            }
            host.byVm.keySet().retainAll(vms);
            List<VmDecision> news = new ArrayList<>();
            for (VmDecision decision : report.decisions()) {
                if (decision.sequence() > host.last && vms.contains(decision.vmId())) {
                    host.last = decision.sequence();
                    keep(host, decision);
                    news.add(decision);
                }
            }
            return news;
        }
    }

    private static void keep(OfHost host, VmDecision decision) {
        Deque<VmDecision> kept =
                host.byVm.computeIfAbsent(decision.vmId(), _ -> new ArrayDeque<>());
        kept.addFirst(decision);
        if (kept.size() > KEPT) {
            kept.removeLast();
        }
    }

    /// The VM's decisions, newest first.
    List<VmDecision> of(UUID hostId, UUID vmId) {
        OfHost host = hosts.get(hostId);
        if (host == null) {
            return List.of();
        }
        synchronized (host) {
            return List.copyOf(host.byVm.getOrDefault(vmId, new ArrayDeque<>()));
        }
    }
}
