package io.memfabric.agent.borrowing;

import io.memfabric.contract.agent.DataTransport;
import io.memfabric.contract.agent.LenderWay;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Over what the lenders of each grant were connected last.
public final class LenderWays {

    /// Of so many grants. Those that are asked for stay, so what is pushed out is of grants that are
    /// not here any more.
    private static final int MOST = 8192;

    private final Map<UUID, Map<UUID, LenderWay>> grants =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<UUID, Map<UUID, LenderWay>> eldest) {
                    return size() > MOST;
                }
            };

    synchronized void took(LegGroup group, DataTransport transport, @Nullable String notRdma) {
        LenderWay way = new LenderWay(group.lenderId(), transport, notRdma);
        grants.computeIfAbsent(
                        group.regions().regions().getFirst().grantId(), _ -> new LinkedHashMap<>())
                .put(group.lenderId(), way);
    }

    /// Those of a grant's lenders that were connected in this process.
    public synchronized List<LenderWay> of(UUID grantId) {
        return grants.getOrDefault(grantId, Map.of()).values().stream()
                .sorted(Comparator.comparing(LenderWay::lenderId))
                .toList();
    }
}
