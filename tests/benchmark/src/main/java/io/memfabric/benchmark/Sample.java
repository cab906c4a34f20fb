package io.memfabric.benchmark;

/// What one run of a load on one server gave.
///
/// @param p50 the median latency in nanoseconds; the others likewise
/// @param cpuSeconds the processor time that the server's processes took
record Sample(
        double operations, double seconds, double p50, double p99, double p999, double cpuSeconds) {

    double iops() {
        return operations / seconds;
    }

    double cpuPerOperation() {
        return cpuSeconds / operations;
    }
}
