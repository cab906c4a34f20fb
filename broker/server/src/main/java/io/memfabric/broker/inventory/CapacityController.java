package io.memfabric.broker.inventory;

import io.memfabric.broker.web.ListQuery;
import io.memfabric.broker.web.Page;
import io.memfabric.broker.web.PageQuery;
import io.memfabric.contract.agent.MemoryReport;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// How much memory the fabric has, in all and host by host.
@RestController
class CapacityController {

    private final HostRepository hosts;
    private final Presence presence;

    CapacityController(HostRepository hosts, Presence presence) {
        this.hosts = hosts;
        this.presence = presence;
    }

    /// @param total over all hosts
    /// @param hosts one page of the hosts
    record CapacityView(Sums total, Page<HostCapacity> hosts) {}

    /// @param harvestedBytes what balloons hold, as reachable hosts last said
    /// @param freeBytes what can be lent now, on reachable hosts
    record Sums(long harvestedBytes, long offeredBytes, long lentBytes, long freeBytes) {
        static final Sums NONE = new Sums(0, 0, 0, 0);

        Sums plus(Sums other) {
            return new Sums(
                    Math.addExact(harvestedBytes, other.harvestedBytes),
                    Math.addExact(offeredBytes, other.offeredBytes),
                    Math.addExact(lentBytes, other.lentBytes),
                    Math.addExact(freeBytes, other.freeBytes));
        }
    }

    record HostCapacity(
            UUID hostId,
            String name,
            boolean reachable,
            long harvestedBytes,
            long offeredBytes,
            long lentBytes,
            long freeBytes) {}

    @GetMapping("/api/v1/capacity")
    CapacityView get(
            @RequestParam(required = false) @Nullable String order,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        Sums total =
                hosts.findAll().stream()
                        .map(host -> sums(host.row()))
                        .reduce(Sums.NONE, Sums::plus);
        Limit limit = Limit.of(query.limit());
        List<HostEntity> page =
                ListQuery.isDescending(order)
                        ? hosts.findByIdLessThanOrderByIdDesc(query.beforeId(), limit)
                        : hosts.findByIdGreaterThanOrderById(query.afterId(), limit);
        return new CapacityView(
                total,
                Page.of(query, page, host -> host.id().toString(), host -> view(host.row())));
    }

    private HostCapacity view(HostRow row) {
        Sums sums = sums(row);
        return new HostCapacity(
                row.id(),
                row.name(),
                presence.isReachable(row.id()),
                sums.harvestedBytes(),
                sums.offeredBytes(),
                sums.lentBytes(),
                sums.freeBytes());
    }

    private Sums sums(HostRow row) {
        boolean reachable = presence.isReachable(row.id());
        long harvested =
                presence.of(row.id())
                        .filter(_ -> reachable)
                        .map(last -> last.report().memory())
                        .map(MemoryReport::harvestedBytes)
                        .orElse(0L);
        return new Sums(
                harvested,
                row.regions().offeredBytes(),
                row.regions().lentBytes(),
                reachable ? row.regions().freeBytes() : 0);
    }
}
