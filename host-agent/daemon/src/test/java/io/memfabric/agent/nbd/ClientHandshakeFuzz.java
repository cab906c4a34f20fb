package io.memfabric.agent.nbd;

import java.io.IOException;
import java.util.Optional;

/// Whatever a lender answers to a borrower that wants in.
public final class ClientHandshakeFuzz {

    private ClientHandshakeFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        try {
            ExportInfo info =
                    new ClientHandshake(new ScriptedChannel(input), Optional.empty())
                            .enterAlone("disk");
            if (info.sizeBytes() < 0
                    || info.minBlock() < 1
                    || info.maxPayload() < info.minBlock()) {
                throw new AssertionError("took " + info);
            }
        } catch (IOException e) {
            // What a broken lender gets.
        }
    }
}
