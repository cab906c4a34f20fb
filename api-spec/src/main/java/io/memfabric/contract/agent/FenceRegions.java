package io.memfabric.contract.agent;

import java.util.List;
import java.util.UUID;

/// To a lender: end this grant's access to these regions, in-flight requests included, and zero
/// them. Done means that no request of this or an older epoch will be executed any more.
public record FenceRegions(UUID commandId, UUID grantId, long epoch, List<RegionClaim> regions)
        implements AgentCommand {

    public FenceRegions {
        Check.present("commandId", commandId);
        Check.present("grantId", grantId);
        Check.notNegative("epoch", epoch);
        regions = List.copyOf(Check.present("regions", regions));
        Check.atMost("regions", regions.size(), 32_768);
    }
}
