package io.memfabric.agent.guest;

import java.time.Duration;

/// What a guest said about its memory.
///
/// @param availableBytes what it could use without swapping
/// @param pressureCentipercent PSI `some avg10` times 100, 0 to 10,000, or -1 without PSI
/// @param stallMicros PSI `some total` since the guest's start
/// @param refaultPages pages read again soon after they were dropped, since the guest's start
/// @param swapTotalBytes all its swap
/// @param swapFreeBytes what of it is free
/// @param age how long ago it said so
public record GuestHint(
        long availableBytes,
        long pressureCentipercent,
        long stallMicros,
        long refaultPages,
        long swapTotalBytes,
        long swapFreeBytes,
        Duration age) {}
