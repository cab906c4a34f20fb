package io.memfabric.contract.region;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A lender's answer to an [RdmaHello]: where the regions are, or why not. See
/// `wire/region-over-rdma.md`.
public sealed interface RdmaWelcome {

    /// The most regions that one connection can have.
    int MAX_REGIONS = 128;

    /// One region's memory at the lender, for one-sided reads and writes on this connection alone.
    ///
    /// @param key the remote key: an address, not a secret
    record Place(long address, int key, int length) {
        public Place {
            if (length < 1) {
                throw new IllegalArgumentException("a region of " + length + " bytes");
            }
        }
    }

    /// The regions, in the order of the name.
    record Entered(List<Place> places) implements RdmaWelcome {
        public Entered {
            places = List.copyOf(places);
            if (places.isEmpty() || places.size() > MAX_REGIONS) {
                throw new IllegalArgumentException(places.size() + " regions in one welcome");
            }
        }
    }

    /// Why not.
    ///
    /// @param detail one line for the borrower's log; what a peer sent beyond that is left out
    record Refused(Reason reason, String detail) implements RdmaWelcome {
        public Refused {
            detail = line(detail);
        }

        /// The text as one line of at most [#MAX_DETAIL] characters, the same however often.
        private static String line(String text) {
            String line = text.replaceAll("\\p{Cntrl}", " ").strip();
            if (line.length() <= MAX_DETAIL) {
                return line;
            }
            boolean halved = Character.isHighSurrogate(line.charAt(MAX_DETAIL - 1));
            return line.substring(0, halved ? MAX_DETAIL - 1 : MAX_DETAIL).strip();
        }
    }

    /// Why a borrower is not let in.
    enum Reason {
        /// No such claim, or not of this generation, epoch or capability.
        UNKNOWN(1),
        /// The message was none.
        MALFORMED(2),
        /// Not now: too many connections, or the memory cannot be registered.
        UNAVAILABLE(3);

        private final int code;

        Reason(int code) {
            this.code = code;
        }
    }

    /// The longest detail, in characters.
    int MAX_DETAIL = 200;

    /// Reads an answer as a peer sent it.
    ///
    /// @throws IllegalArgumentException where it is none
    static RdmaWelcome decode(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message);
        if (message.length < 12 || in.getInt() != RdmaHello.MAGIC) {
            throw new IllegalArgumentException("not a memfabric lender's answer");
        }
        int status = in.getInt();
        int count = in.getInt();
        if (status != 0) {
            if (count != in.remaining()) {
                throw new IllegalArgumentException("a refusal of another length than it says");
            }
            return new Refused(reason(status), StandardCharsets.UTF_8.decode(in).toString());
        }
        if (count < 1 || count > MAX_REGIONS || in.remaining() != count * 16) {
            throw new IllegalArgumentException("a welcome with " + count + " regions");
        }
        List<Place> places = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            places.add(new Place(in.getLong(), in.getInt(), in.getInt()));
        }
        return new Entered(places);
    }

    private static Reason reason(int status) {
        for (Reason reason : Reason.values()) {
            if (reason.code == status) {
                return reason;
            }
        }
        throw new IllegalArgumentException("an unknown status " + status);
    }

    /// The answer as it goes on the wire.
    default byte[] encode() {
        return switch (this) {
            case Entered entered -> {
                ByteBuffer out = ByteBuffer.allocate(12 + entered.places().size() * 16);
                out.putInt(RdmaHello.MAGIC).putInt(0).putInt(entered.places().size());
                for (Place place : entered.places()) {
                    out.putLong(place.address()).putInt(place.key()).putInt(place.length());
                }
                yield out.array();
            }
            case Refused refused -> {
                byte[] detail = refused.detail().getBytes(StandardCharsets.UTF_8);
                yield ByteBuffer.allocate(12 + detail.length)
                        .putInt(RdmaHello.MAGIC)
                        .putInt(refused.reason().code)
                        .putInt(detail.length)
                        .put(detail)
                        .array();
            }
        };
    }
}
