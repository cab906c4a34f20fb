package io.memfabric.agent.hostmemory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The host's memory at one moment, in bytes.
///
/// @param totalBytes `MemTotal`
/// @param availableBytes `MemAvailable`: what could be used without swapping
public record MemoryInfo(long totalBytes, long availableBytes) {

    /// Reads `meminfo` below the given `/proc`. See proc(5).
    public static MemoryInfo read(Path proc) throws IOException {
        long total = -1;
        long available = -1;
        for (String line : Files.readAllLines(proc.resolve("meminfo"))) {
            if (line.startsWith("MemTotal:")) {
                total = KernelText.kib(line);
            } else if (line.startsWith("MemAvailable:")) {
                available = KernelText.kib(line);
            }
        }
        if (total < 0 || available < 0) {
            throw new IOException("meminfo lacks MemTotal or MemAvailable");
        }
        return new MemoryInfo(total, available);
    }
}
