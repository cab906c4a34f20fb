package io.memfabric.contract.agent;

import java.util.List;
import java.util.UUID;

/// To a lender: end this grant's access to these regions, in-flight requests included, and zero
/// them. Done means that no request of this or an older epoch will be executed any more.
///
/// @param withdraw whether those of the regions that this ends are not lent again but given back to
///     the host at once, whose kernel zeroes them
public record FenceRegions(
        UUID commandId, UUID grantId, long epoch, List<RegionClaim> regions, boolean withdraw)
        implements AgentCommand {

    public FenceRegions {
        Check.present("commandId", commandId);
        Check.present("grantId", grantId);
        Check.notNegative("epoch", epoch);
        regions = List.copyOf(Check.present("regions", regions));
        Check.atMost("regions", regions.size(), 32_768);
    }

    /// A fence after which the lender may lend the regions again.
    public FenceRegions(UUID commandId, UUID grantId, long epoch, List<RegionClaim> regions) {
        this(commandId, grantId, epoch, regions, false);
    }
}
