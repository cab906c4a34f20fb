package io.memfabric.contract.agent;

import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// To a borrower: build the grant's device from its extents, give it to the VM, and, in mode
/// `SWAP`, answer done only when the guest swaps on it.
///
/// @param serial the disk's serial as the guest sees it, at most 20 characters
/// @param sizeBytes the size of the device: the extents, each one region long
/// @param tenantId whose the grant is, which its pages are sealed for; null from a broker that did not
///     tell yet
public record AttachGrant(
        UUID commandId,
        UUID grantId,
        long epoch,
        UUID vmId,
        String serial,
        AttachMode mode,
        long sizeBytes,
        List<ExtentPlan> extents,
        @Nullable UUID tenantId)
        implements AgentCommand {

    public AttachGrant {
        Check.present("commandId", commandId);
        Check.present("grantId", grantId);
        Check.notNegative("epoch", epoch);
        Check.present("vmId", vmId);
        Check.name("serial", serial, FabricLimits.SERIAL_CHARS);
        Check.present("mode", mode);
        extents = List.copyOf(Check.present("extents", extents));
        Check.atMost("extents", extents.size(), 16_384);
        if (sizeBytes <= 0 || sizeBytes != extents.size() * FabricLimits.REGION.bytes()) {
            throw new IllegalArgumentException("sizeBytes is not the size of the extents");
        }
        for (int i = 0; i < extents.size(); i++) {
            if (extents.get(i).index() != i) {
                throw new IllegalArgumentException("extent " + i + " is missing or out of order");
            }
        }
    }
}
