package io.memfabric.contract.agent;

import java.util.List;

/// How much of a host's memory may be lent for how long, from what its VMs needed at each hour of
/// past days. A guess, never a promise: a lender in need recalls before the time is over.
///
/// @param horizons the shortest first, at most 24; what may be lent for longer is no more
public record LendingForecast(List<Horizon> horizons) {

    /// What is likely to stay idle for a time.
    ///
    /// @param hours how long, 1 to 24
    /// @param bytes what is likely to stay idle for so long; hours of which nothing is known yet
    ///     count as busy
    public record Horizon(int hours, long bytes) {

        public Horizon {
            if (hours < 1 || hours > 24) {
                throw new IllegalArgumentException("hours is outside 1 to 24");
            }
            Check.notNegative("bytes", bytes);
        }
    }

    /// What is likely to stay idle for so many hours at least; 0 where nothing is said of so long.
    public long idleForBytes(int hours) {
        for (Horizon horizon : horizons) {
            if (horizon.hours() >= hours) {
                return horizon.bytes();
            }
        }
        return 0;
    }

    public LendingForecast {
        horizons = List.copyOf(Check.present("horizons", horizons));
        Check.atMost("horizons", horizons.size(), 24);
        for (int i = 1; i < horizons.size(); i++) {
            if (horizons.get(i).hours() <= horizons.get(i - 1).hours()) {
                throw new IllegalArgumentException("horizons must grow");
            }
        }
    }
}
