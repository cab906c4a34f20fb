package io.memfabric.agent.guest;

import io.memfabric.agent.nbd.ScriptedChannel;
import io.memfabric.contract.guest.GuestFrame;
import io.memfabric.contract.guest.GuestFrameCodec;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Whatever a guest writes to its channel: frames, each of which says the same when written again,
/// and then an exception of the protocol's.
public final class FrameReaderFuzz {

    private FrameReaderFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        FrameReader reader = new FrameReader(new ScriptedChannel(input));
        try {
            while (true) {
                GuestFrame frame = reader.next();
                GuestFrame again =
                        GuestFrameCodec.decode(ByteBuffer.wrap(GuestFrameCodec.encode(frame)));
                if (!again.equals(frame)) {
                    throw new AssertionError(frame + " became " + again);
                }
            }
        } catch (IOException e) {
            // The end, of the bytes or of the guest's credit.
        }
    }
}
