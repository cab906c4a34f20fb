package io.memfabric.agent.policy;

import io.memfabric.contract.vocabulary.MemorySize;

/// How much of a host may become regions: only what the host itself sees as freed, above its
/// reserve, and no more than the broker wants. A guest's promise is no memory.
///
/// @param harvestedBytes what the balloons hold and the host sees as freed
/// @param availableBytes the host's `MemAvailable`
/// @param offeredBytes regions that exist; they are no longer available, but are lendable
/// @param reserveBytes what has to stay free so that relief is always possible at once
/// @param limitBytes the most that the broker wants offered
public record LendableMemory(
        long harvestedBytes,
        long availableBytes,
        long offeredBytes,
        long reserveBytes,
        long limitBytes) {

    /// What one VM's balloon freed: no more than it holds, and no more than the host sees missing.
    ///
    /// @param residentBytes host memory that backs the guest's memory
    public static long freedByVm(long maxBytes, long balloonBytes, long residentBytes) {
        return Math.max(0, Math.min(maxBytes - balloonBytes, maxBytes - residentBytes));
    }

    /// The most that all regions together may take.
    public MemorySize size() {
        long spare = availableBytes + offeredBytes - reserveBytes;
        return MemorySize.ofBytes(
                Math.max(0, Math.min(harvestedBytes, Math.min(spare, limitBytes))));
    }
}
