package io.memfabric.contract.guest;

import java.util.UUID;

/// A frame of the guest channel. Layout and limits are in `wire/guest-channel.md`. Whatever comes
/// from a guest is a hint, never a fact.
public sealed interface GuestFrame {

    /// A frame that the guest sends.
    sealed interface FromGuest extends GuestFrame permits Hello, Stats, Reply {}

    /// A frame that the host sends.
    sealed interface FromHost extends GuestFrame permits Configure, SwapOn, SwapOff {}

    /// Guest: the daemon started, or the host asked for it by [Configure].
    ///
    /// @param features bit 0: PSI is readable; bit 1: swap can be switched; bit 2: refault counters
    /// @param bootId the guest kernel's boot id
    /// @param version the daemon's version
    record Hello(int features, UUID bootId, int version) implements FromGuest {}

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

    /// Guest: how a [SwapOn] or [SwapOff] ended.
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
