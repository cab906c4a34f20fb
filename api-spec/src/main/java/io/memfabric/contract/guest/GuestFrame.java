package io.memfabric.contract.guest;

import java.util.UUID;

/// A frame of the guest channel. Layout and limits are in `wire/guest-channel.md`. Whatever comes
/// from a guest is a hint, never a fact.
public sealed interface GuestFrame {

    /// A frame that the guest sends.
    sealed interface FromGuest extends GuestFrame permits Hello, Stats, Reply {}

    /// A frame that the host sends.
    sealed interface FromHost extends GuestFrame
            permits Configure, SwapOn, SwapOff, Thresholds, Reclaim {}

    /// Guest: the daemon started, or the host asked for it by [Configure].
    ///
    /// @param features bit 0: PSI is readable; bit 1: swap can be switched; bit 2: refault counters;
    ///     bit 3: cold pages can be dropped ([Reclaim]); bit 4: the host may set [Thresholds]
    /// @param bootId the guest kernel's boot id
    /// @param version the daemon's version
    record Hello(int features, UUID bootId, int version) implements FromGuest {

        private static final int RECLAIM = 8;
        private static final int THRESHOLDS = 16;

        /// Whether it understands [Reclaim] and its kernel can do it.
        public boolean canReclaim() {
            return (features & RECLAIM) != 0;
        }

        /// Whether it understands [Thresholds] and its kernel can do it.
        public boolean canWatch() {
            return (features & THRESHOLDS) != 0;
        }
    }

    /// Guest: memory as its kernel sees it. Sizes in bytes, counters since the guest's boot.
    ///
    /// @param pressureSomeCentipercent PSI `some avg10` times 100, or -1 without PSI
    /// @param pressureSomeMicros PSI `some total` in microseconds
    /// @param pressureFullMicros PSI `full total` in microseconds
    record Stats(
            long totalBytes,
            long freeBytes,
            long availableBytes,
            long swapTotalBytes,
            long swapFreeBytes,
            long pressureSomeCentipercent,
            long pressureSomeMicros,
            long pressureFullMicros,
            long majorFaults,
            long refaults,
            long pagesSwappedIn,
            long pagesSwappedOut)
            implements FromGuest {}

    /// Guest: how a [SwapOn], [SwapOff] or [Reclaim] ended.
    ///
    /// @param detail bytes or an errno, by code
    record Reply(long requestId, ReplyCode code, long detail) implements FromGuest {}

    /// Host: say hello, then send [Stats] at this interval.
    ///
    /// @param intervalMillis 100 to 60,000
    record Configure(int intervalMillis) implements FromHost {
        public Configure {
            if (intervalMillis < 100 || intervalMillis > 60_000) {
                throw new IllegalArgumentException("intervalMillis is outside 100 to 60000");
            }
        }
    }

    /// Host: swap on the disk with this serial and exactly this size, at this priority.
    record SwapOn(long requestId, long sizeBytes, String serial, int priority) implements FromHost {
        public SwapOn {
            checkSerial(serial);
            if (priority < 0 || priority > 32_767) {
                throw new IllegalArgumentException("priority is outside 0 to 32767");
            }
        }
    }

    /// Host: tell at once when tasks waited so long for memory within so long a window; as the PSI
    /// triggers of the Linux kernel (Documentation/accounting/psi.rst) have it.
    record Thresholds(int stallMicros, int windowMicros) implements FromHost {
        public Thresholds {
            if (windowMicros < 500_000 || windowMicros > 10_000_000) {
                throw new IllegalArgumentException("windowMicros is outside 500000 to 10000000");
            }
            if (stallMicros < 1000 || stallMicros > windowMicros) {
                throw new IllegalArgumentException("stallMicros is outside 1000 to the window");
            }
        }
    }

    /// Host: let the kernel drop its coldest pages, about so many bytes; answered by [Reply].
    record Reclaim(long requestId, long bytes) implements FromHost {

        /// The most that may be asked for at once.
        public static final long MAX_BYTES = 1L << 30;

        public Reclaim {
            if (bytes <= 0 || bytes > MAX_BYTES) {
                throw new IllegalArgumentException("bytes is outside 1 to " + MAX_BYTES);
            }
        }
    }

    /// Host: swap off the disk with this serial.
    record SwapOff(long requestId, String serial) implements FromHost {
        public SwapOff {
            checkSerial(serial);
        }
    }

    /// How a guest answers.
    enum ReplyCode {
        OK(0),
        /// No disk with that serial.
        NOT_FOUND(1),
        /// The disk has another size; detail is its size.
        WRONG_SIZE(2),
        /// The disk is mounted, partitioned or has foreign data.
        IN_USE(3),
        /// Swapping off would not fit into memory; detail is what is missing, in bytes.
        WOULD_NOT_FIT(4),
        /// The kernel refused; detail is the errno.
        KERNEL_ERROR(5),
        /// Another request is being carried out.
        BUSY(6),
        /// The request made no sense to the daemon.
        BAD_REQUEST(7);

        private final int wire;

        ReplyCode(int wire) {
            this.wire = wire;
        }

        /// The code as it goes on the wire.
        public int wire() {
            return wire;
        }
    }

    private static void checkSerial(String serial) {
        if (!serial.matches("[A-Za-z0-9-]{1,20}")) {
            throw new IllegalArgumentException("a serial is 1 to 20 letters, digits and dashes");
        }
    }
}
