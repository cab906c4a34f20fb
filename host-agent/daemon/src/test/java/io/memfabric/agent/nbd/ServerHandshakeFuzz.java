package io.memfabric.agent.nbd;

import java.io.IOException;
import java.util.Optional;

/// Whatever a client says before it is let in: ends in an exception of the protocol's, an empty
/// answer or the one export that there is, and is never answered at length.
public final class ServerHandshakeFuzz {

    private static final int MOST_ANSWERED = 18 + 32 * 200;
    private static final ExportInfo INFO = ExportInfo.ofOneClient(1 << 20, 4096, 1 << 20);

    private ServerHandshakeFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        ScriptedChannel channel = new ScriptedChannel(input);
        try {
            new ServerHandshake<>(channel, new OneExport())
                    .negotiate()
                    .ifPresent(opened -> check(opened.export().equals("disk"), "another export"));
        } catch (IOException e) {
            // What a broken client gets.
        }
        check(channel.answers().length <= MOST_ANSWERED, "answered at length");
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    private static final class OneExport implements ExportCatalog<String> {
        @Override
        public Optional<ExportInfo> describe(String name) {
            return name.equals("disk") ? Optional.of(INFO) : Optional.empty();
        }

        @Override
        public Optional<Opened<String>> open(String name, boolean sole) {
            return describe(name).map(info -> new Opened<>(info, name));
        }
    }
}
