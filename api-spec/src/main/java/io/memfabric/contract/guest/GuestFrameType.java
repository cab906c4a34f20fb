package io.memfabric.contract.guest;

import org.jspecify.annotations.Nullable;

/// The frame types of `wire/guest-channel.md` with their codes and body lengths.
enum GuestFrameType {
    HELLO(1, 24),
    STATS(2, 96),
    REPLY(3, 20),
    CONFIGURE(16, 4),
    SWAP_ON(17, 40),
    SWAP_OFF(18, 28),
    THRESHOLDS(19, 8),
    RECLAIM(20, 16);

    private final int code;
    private final int bodyBytes;

    GuestFrameType(int code, int bodyBytes) {
        this.code = code;
        this.bodyBytes = bodyBytes;
    }

    int code() {
        return code;
    }

    int bodyBytes() {
        return bodyBytes;
    }

    static @Nullable GuestFrameType ofCode(int code) {
        for (GuestFrameType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        return null;
    }

    static GuestFrameType of(GuestFrame frame) {
        return switch (frame) {
            case GuestFrame.Hello _ -> HELLO;
            case GuestFrame.Stats _ -> STATS;
            case GuestFrame.Reply _ -> REPLY;
            case GuestFrame.Configure _ -> CONFIGURE;
            case GuestFrame.SwapOn _ -> SWAP_ON;
            case GuestFrame.SwapOff _ -> SWAP_OFF;
            case GuestFrame.Thresholds _ -> THRESHOLDS;
            case GuestFrame.Reclaim _ -> RECLAIM;
        };
    }
}
