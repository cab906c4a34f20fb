package io.memfabric.contract.region;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// The first message of a borrower on an RDMA connection: which regions it wants. The lender answers
/// with an [RdmaWelcome] before it registers anything. See `wire/region-over-rdma.md`.
///
/// @param name the regions, or [#PROBE]
/// @param sole whether all other connections to these regions are to be ended first
public record RdmaHello(String name, boolean sole) {

    /// A page of zeros that every lender serves to whoever measures the way to it.
    public static final String PROBE = "mf-probe";

    /// The longest message, in bytes.
    public static final int MAX_BYTES = 4096;

    static final int MAGIC = 0x4d465231;
    private static final int SOLE = 1;
    private static final int HEADER = 10;
    private static final int MAX_NAME = MAX_BYTES - HEADER;

    public RdmaHello {
        if (name.isEmpty() || name.length() > MAX_NAME) {
            throw new IllegalArgumentException("a name of " + name.length() + " characters");
        }
    }

    /// Reads a message as a peer sent it.
    ///
    /// @throws IllegalArgumentException where it is none
    public static RdmaHello decode(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message);
        if (message.length <= HEADER || message.length > MAX_BYTES || in.getInt() != MAGIC) {
            throw new IllegalArgumentException("not a memfabric borrower's first message");
        }
        int flags = in.getInt();
        int length = Short.toUnsignedInt(in.getShort());
        if ((flags & ~SOLE) != 0 || length != in.remaining()) {
            throw new IllegalArgumentException("a first message with wrong flags or length");
        }
        try {
            String name =
                    StandardCharsets.US_ASCII
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .decode(in)
                            .toString();
            return new RdmaHello(name, (flags & SOLE) != 0);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a name that is not ASCII", e);
        }
    }

    /// The message as it goes on the wire.
    public byte[] encode() {
        byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(HEADER + ascii.length)
                .putInt(MAGIC)
                .putInt(sole ? SOLE : 0)
                .putShort((short) ascii.length)
                .put(ascii)
                .array();
    }

    /// Without the secret in the name, for logs.
    @Override
    public String toString() {
        return "a first message of " + name.length() + " characters";
    }
}
