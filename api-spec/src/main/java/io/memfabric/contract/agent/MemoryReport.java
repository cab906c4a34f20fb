package io.memfabric.contract.agent;

/// The memory of one host, all in bytes.
///
/// @param totalBytes the host's memory
/// @param availableBytes what the host could still use without swapping (`MemAvailable`)
/// @param reserveBytes what the agent keeps free so that relief is always possible at once
/// @param harvestedBytes what the balloons hold and the host sees as freed
/// @param offeredBytes regions that exist, free and claimed
/// @param lentBytes regions that are claimed by grants
/// @param shortBytes how much of the lent memory the host needs back: the broker has to recall it
public record MemoryReport(
        long totalBytes,
        long availableBytes,
        long reserveBytes,
        long harvestedBytes,
        long offeredBytes,
        long lentBytes,
        long shortBytes) {

    public MemoryReport {
        Check.notNegative("totalBytes", totalBytes);
        Check.notNegative("availableBytes", availableBytes);
        Check.notNegative("reserveBytes", reserveBytes);
        Check.notNegative("harvestedBytes", harvestedBytes);
        Check.notNegative("offeredBytes", offeredBytes);
        Check.notNegative("lentBytes", lentBytes);
        Check.notNegative("shortBytes", shortBytes);
    }
}
