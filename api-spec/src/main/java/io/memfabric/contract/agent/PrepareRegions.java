package io.memfabric.contract.agent;

import java.util.List;
import java.util.UUID;

/// To a lender: claim these free regions for a grant, all or none. A region whose table has another
/// boot id, an equal or larger generation or another owner is refused: the lender is the judge.
///
/// @param capability the secret, 32 hexadecimal digits, that a borrower must present to reach them
public record PrepareRegions(
        UUID commandId, UUID grantId, long epoch, String capability, List<RegionClaim> regions)
        implements AgentCommand {

    public PrepareRegions {
        Check.present("commandId", commandId);
        Check.present("grantId", grantId);
        Check.notNegative("epoch", epoch);
        Check.name("capability", capability, 64);
        regions = List.copyOf(Check.present("regions", regions));
        Check.atMost("regions", regions.size(), 32_768);
    }
}
