package io.memfabric.contract.agent;

import java.util.UUID;

/// What an operator wants of one VM's memory; sizes in bytes.
///
/// @param floorBytes what the VM always keeps, 0 for no more than its host keeps for every VM
/// @param ceilingBytes the most that it is given, 0 for as much as it was defined with
/// @param weight its share where memory is short, 1 to 1,000; 1 is usual
/// @param lend whether its idle memory may be taken
/// @param growMaxBytes the most that it may hold in grants that its host asks for by itself, 0 for
///     none
public record VmPolicy(
        UUID vmId,
        long floorBytes,
        long ceilingBytes,
        int weight,
        boolean lend,
        long growMaxBytes) {

    /// The largest share.
    public static final int WEIGHT_MAX = 1000;

    public VmPolicy {
        Check.present("vmId", vmId);
        Check.notNegative("floorBytes", floorBytes);
        Check.notNegative("ceilingBytes", ceilingBytes);
        Check.notNegative("growMaxBytes", growMaxBytes);
        if (weight < 1 || weight > WEIGHT_MAX) {
            throw new IllegalArgumentException("weight is outside 1 to " + WEIGHT_MAX);
        }
    }

    /// What holds for a VM of which nobody wanted anything.
    public static VmPolicy usual(UUID vmId) {
        return new VmPolicy(vmId, 0, 0, 1, true, 0);
    }
}
