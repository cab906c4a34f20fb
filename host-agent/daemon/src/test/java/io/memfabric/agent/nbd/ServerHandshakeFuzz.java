package io.memfabric.agent.nbd;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Whatever a client says before it is let in: ends in an exception of the protocol's, an empty
/// answer or the one export that there is, and is never answered at length. A server that wants its
/// connections sealed lets nobody in before it has begun to.
public final class ServerHandshakeFuzz {

    private static final int MOST_ANSWERED = 18 + 32 * 200;
    private static final ExportInfo INFO = ExportInfo.ofOneClient(1 << 20, 4096, 1 << 20);

    private ServerHandshakeFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        negotiate(input, Optional.empty());
        Seal seal = new Seal();
        if (negotiate(input, Optional.of(seal))) {
            check(seal.channel != null, "let in over a connection that is not sealed");
        }
    }

    /// @return whether the client is let in
    private static boolean negotiate(byte[] input, Optional<Seal> seal) {
        ScriptedChannel channel = new ScriptedChannel(input);
        seal.ifPresent(s -> s.unsealed = channel);
        boolean isIn = false;
        try {
            Optional<ExportCatalog.Opened<String>> opened =
                    new ServerHandshake<>(channel, new OneExport(), seal.map(s -> s)).negotiate();
            isIn = opened.isPresent();
            check(!isIn || opened.get().export().equals("disk"), "another export");
        } catch (IOException e) {
            // What a broken client gets.
        }
        check(channel.answers().length <= MOST_ANSWERED, "answered at length");
        return isIn;
    }

    /// Says that it seals and passes all on as it is, so that what comes behind is parsed as well.
    private static final class Seal implements StartTls {
        private @Nullable ByteChannel unsealed;
        private @Nullable ByteChannel channel;

        @Override
        public boolean isReady() {
            return channel == null;
        }

        @Override
        public ByteChannel begin() {
            channel = Objects.requireNonNull(unsealed);
            return channel;
        }
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
