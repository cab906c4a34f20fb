package io.memfabric.contract.guest;

import io.memfabric.contract.guest.GuestFrame.Configure;
import io.memfabric.contract.guest.GuestFrame.Hello;
import io.memfabric.contract.guest.GuestFrame.Reclaim;
import io.memfabric.contract.guest.GuestFrame.Reply;
import io.memfabric.contract.guest.GuestFrame.ReplyCode;
import io.memfabric.contract.guest.GuestFrame.Stats;
import io.memfabric.contract.guest.GuestFrame.SwapOff;
import io.memfabric.contract.guest.GuestFrame.SwapOn;
import io.memfabric.contract.guest.GuestFrame.Thresholds;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/// Bytes to frames and back, as `wire/guest-channel.md` has them. Reads untrusted bytes: every
/// malformed frame is a [MalformedFrameException], nothing else.
public final class GuestFrameCodec {

    /// The largest frame, its length field included, in bytes.
    public static final int MAX_FRAME_BYTES = 4096;

    private static final int LENGTH_BYTES = 4;
    private static final int HEADER_BYTES = 4;
    private static final byte VERSION = 1;
    private static final int SERIAL_BYTES = 20;

    private GuestFrameCodec() {}

    /// The number of bytes of the whole frame that starts at the buffer's position, or -1 where its
    /// length field is not complete yet.
    ///
    /// @throws MalformedFrameException where the length is impossible
    public static int frameLength(ByteBuffer in) throws MalformedFrameException {
        if (in.remaining() < LENGTH_BYTES) {
            return -1;
        }
        int rest = in.getInt(in.position());
        if (rest < HEADER_BYTES || rest > MAX_FRAME_BYTES - LENGTH_BYTES) {
            throw new MalformedFrameException("impossible frame length");
        }
        return LENGTH_BYTES + rest;
    }

    /// Reads one whole frame and moves the buffer's position behind it.
    ///
    /// @throws MalformedFrameException where it is not a well-formed frame of version 1
    public static GuestFrame decode(ByteBuffer in) throws MalformedFrameException {
        int length = frameLength(in);
        if (length < 0 || in.remaining() < length) {
            throw new MalformedFrameException("frame is cut short");
        }
        ByteBuffer frame = in.slice(in.position(), length);
        in.position(in.position() + length);
        frame.position(LENGTH_BYTES);
        if (frame.get() != VERSION) {
            throw new MalformedFrameException("unknown version");
        }
        int type = Byte.toUnsignedInt(frame.get());
        if (frame.getShort() != 0) {
            throw new MalformedFrameException("reserved bits are set");
        }
        GuestFrameType known = GuestFrameType.ofCode(type);
        if (known == null || frame.remaining() != known.bodyBytes()) {
            throw new MalformedFrameException("unknown type or wrong length");
        }
        try {
            return body(known, frame);
        } catch (IllegalArgumentException e) {
            throw new MalformedFrameException("value out of range", e);
        }
    }

    private static GuestFrame body(GuestFrameType type, ByteBuffer b)
            throws MalformedFrameException {
        return switch (type) {
            case HELLO -> new Hello(b.getInt(), new UUID(b.getLong(), b.getLong()), b.getInt());
            case STATS ->
                    new Stats(
                            size(b),
                            size(b),
                            size(b),
                            size(b),
                            size(b),
                            b.getLong(),
                            size(b),
                            size(b),
                            size(b),
                            size(b),
                            size(b),
                            size(b));
            case REPLY -> new Reply(b.getLong(), replyCode(b.getInt()), b.getLong());
            case CONFIGURE -> new Configure(b.getInt());
            case SWAP_ON -> new SwapOn(b.getLong(), size(b), serial(b), b.getInt());
            case SWAP_OFF -> new SwapOff(b.getLong(), serial(b));
            case THRESHOLDS -> new Thresholds(b.getInt(), b.getInt());
            case RECLAIM -> new Reclaim(b.getLong(), b.getLong());
        };
    }

    private static long size(ByteBuffer b) throws MalformedFrameException {
        long value = b.getLong();
        if (value < 0) {
            throw new MalformedFrameException("value out of range");
        }
        return value;
    }

    private static ReplyCode replyCode(int code) throws MalformedFrameException {
        for (ReplyCode known : ReplyCode.values()) {
            if (known.wire() == code) {
                return known;
            }
        }
        throw new MalformedFrameException("unknown reply code");
    }

    private static String serial(ByteBuffer b) {
        byte[] bytes = new byte[SERIAL_BYTES];
        b.get(bytes);
        int end = SERIAL_BYTES;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
    }

    /// The frame as it goes on the wire, its length field first.
    public static byte[] encode(GuestFrame frame) {
        GuestFrameType type = GuestFrameType.of(frame);
        ByteBuffer b = ByteBuffer.allocate(LENGTH_BYTES + HEADER_BYTES + type.bodyBytes());
        b.putInt(HEADER_BYTES + type.bodyBytes());
        b.put(VERSION).put((byte) type.code()).putShort((short) 0);
        switch (frame) {
            case Hello f ->
                    b.putInt(f.features())
                            .putLong(f.bootId().getMostSignificantBits())
                            .putLong(f.bootId().getLeastSignificantBits())
                            .putInt(f.version());
            case Stats f ->
                    b.putLong(f.totalBytes())
                            .putLong(f.freeBytes())
                            .putLong(f.availableBytes())
                            .putLong(f.swapTotalBytes())
                            .putLong(f.swapFreeBytes())
                            .putLong(f.pressureSomeCentipercent())
                            .putLong(f.pressureSomeMicros())
                            .putLong(f.pressureFullMicros())
                            .putLong(f.majorFaults())
                            .putLong(f.refaults())
                            .putLong(f.pagesSwappedIn())
                            .putLong(f.pagesSwappedOut());
            case Reply f -> b.putLong(f.requestId()).putInt(f.code().wire()).putLong(f.detail());
            case Configure f -> b.putInt(f.intervalMillis());
            case SwapOn f ->
                    b.putLong(f.requestId())
                            .putLong(f.sizeBytes())
                            .put(padded(f.serial()))
                            .putInt(f.priority());
            case SwapOff f -> b.putLong(f.requestId()).put(padded(f.serial()));
            case Thresholds f -> b.putInt(f.stallMicros()).putInt(f.windowMicros());
            case Reclaim f -> b.putLong(f.requestId()).putLong(f.bytes());
        }
        return b.array();
    }

    private static byte[] padded(String serial) {
        return Arrays.copyOf(serial.getBytes(StandardCharsets.US_ASCII), SERIAL_BYTES);
    }
}
