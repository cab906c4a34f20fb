package io.memfabric.contract.agent;

import java.util.UUID;

/// How long reads of 4 KiB from one lender took, one at a time.
///
/// @param transport what carried them
/// @param samples how many reads were measured, 1 to 1,000
public record MeasuredLender(
        UUID lenderId,
        DataTransport transport,
        int samples,
        long minNanos,
        long medianNanos,
        long p99Nanos) {

    public MeasuredLender {
        Check.present("lenderId", lenderId);
        Check.present("transport", transport);
        if (samples < 1 || samples > 1000) {
            throw new IllegalArgumentException("samples must be 1 to 1000");
        }
        if (minNanos < 0 || medianNanos < minNanos || p99Nanos < medianNanos) {
            throw new IllegalArgumentException(
                    "minNanos, medianNanos and p99Nanos are not in their order");
        }
    }
}
