package io.memfabric.broker.capacity;

import io.memfabric.contract.agent.MemoryReport;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/// What hosts said of their memory within a minute, to be written as means. Three sums a host,
/// however often it is looked at.
final class HeardMinute {

    private final Map<UUID, Sums> byHost = new HashMap<>();

    private static final class Sums {
        private long looks;
        private long total;
        private long reserve;
        private long harvested;
    }

    /// The means of one host, in bytes.
    record Mean(UUID hostId, long totalBytes, long reserveBytes, long harvestedBytes) {}

    void add(Map<UUID, MemoryReport> heard) {
        heard.forEach(
                (id, memory) -> {
                    Sums sums = byHost.computeIfAbsent(id, _ -> new Sums());
                    sums.looks++;
                    sums.total += memory.totalBytes();
                    sums.reserve += memory.reserveBytes();
                    sums.harvested += memory.harvestedBytes();
                });
    }

    Mean[] means() {
        return byHost.entrySet().stream()
                .map(
                        host -> {
                            Sums sums = host.getValue();
                            return new Mean(
                                    host.getKey(),
                                    sums.total / sums.looks,
                                    sums.reserve / sums.looks,
                                    sums.harvested / sums.looks);
                        })
                .toArray(Mean[]::new);
    }
}
