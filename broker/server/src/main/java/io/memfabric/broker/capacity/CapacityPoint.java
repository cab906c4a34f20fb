package io.memfabric.broker.capacity;

import java.time.Instant;

/// Means over one step.
///
/// @param at when the step begins
/// @param heardHosts the most hosts that were heard in a minute of it
/// @param harvestedBytes what balloons hold
/// @param atRiskBytes the most, in a minute of it, that VMs held in grants which lack a copy
record CapacityPoint(
        Instant at,
        int heardHosts,
        long totalBytes,
        long reserveBytes,
        long harvestedBytes,
        long offeredBytes,
        long lentBytes,
        long freeBytes,
        long atRiskBytes) {}
