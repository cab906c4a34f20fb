package io.memfabric.contract.agent;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One grant whose device a borrower has attached.
///
/// @param grantId the grant
/// @param epoch the epoch under which it was attached
/// @param vmId the VM that has the device
/// @param legs the copies that are not whole; empty where every extent has all its copies
/// @param ways over what it reaches the lenders that it was connected to
/// @param stop why its device answers nothing any more, or null where it serves
/// @param plan how its device is built, where the broker has asked for it and it is attached
public record GrantReport(
        UUID grantId,
        long epoch,
        UUID vmId,
        List<LegReport> legs,
        List<LenderWay> ways,
        @Nullable GrantStop stop,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable DevicePlan plan) {

    public GrantReport {
        Check.present("grantId", grantId);
        Check.notNegative("epoch", epoch);
        Check.present("vmId", vmId);
        legs = List.copyOf(Check.present("legs", legs));
        Check.atMost("legs", legs.size(), 65_536);
        ways = List.copyOf(Check.present("ways", ways));
        Check.atMost("ways", ways.size(), 4096);
    }

    /// A report that does not tell how the device is built.
    public GrantReport(
            UUID grantId,
            long epoch,
            UUID vmId,
            List<LegReport> legs,
            List<LenderWay> ways,
            @Nullable GrantStop stop) {
        this(grantId, epoch, vmId, legs, ways, stop, null);
    }
}
