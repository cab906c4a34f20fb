package io.memfabric.contract.agent;

import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.List;

/// How a borrower has built the device of a grant: told where the broker does not know the grant.
///
/// @param serial the disk's serial as the guest sees it
/// @param extents what it is made of, each one region long, in the order of the device
public record DevicePlan(String serial, AttachMode mode, List<ExtentPlan> extents) {

    public DevicePlan {
        Check.name("serial", serial, FabricLimits.SERIAL_CHARS);
        Check.present("mode", mode);
        extents = List.copyOf(Check.present("extents", extents));
        Check.atMost("extents", extents.size(), 16_384);
        for (int i = 0; i < extents.size(); i++) {
            if (extents.get(i).index() != i) {
                throw new IllegalArgumentException("extent " + i + " is missing or out of order");
            }
        }
    }
}
