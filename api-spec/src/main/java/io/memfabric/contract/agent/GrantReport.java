package io.memfabric.contract.agent;

import java.util.UUID;

/// One grant whose device a borrower has attached.
///
/// @param grantId the grant
/// @param epoch the epoch under which it was attached
/// @param vmId the VM that has the device
public record GrantReport(UUID grantId, long epoch, UUID vmId) {

    public GrantReport {
        Check.present("grantId", grantId);
        Check.notNegative("epoch", epoch);
        Check.present("vmId", vmId);
    }
}
