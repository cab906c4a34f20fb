package io.memfabric.contract.agent;

import java.util.UUID;

/// To a borrower: take the grant's device away from its VM. Done means that the guest confirmed the
/// end of swapping, the device is gone and its legs are closed; refused means that nothing changed.
public record DetachGrant(UUID commandId, UUID grantId, long epoch, UUID vmId)
        implements AgentCommand {

    public DetachGrant {
        Check.present("commandId", commandId);
        Check.present("grantId", grantId);
        Check.notNegative("epoch", epoch);
        Check.present("vmId", vmId);
    }
}
