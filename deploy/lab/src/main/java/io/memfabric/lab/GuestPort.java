package io.memfabric.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The lab's own way into a guest: the virtio-serial port `io.memfabric.lab.0`, on which a shell
/// answers `run COMMAND` with lines `out …` and a last line `exit N`. One command at a time.
public final class GuestPort implements AutoCloseable {

    private static final int LINES_MAX = 100_000;

    /// What a command in the guest printed, and its exit code.
    public record Answer(int exit, List<String> lines) {

        public boolean ok() {
            return exit == 0;
        }

        public String text() {
            return String.join("\n", lines);
        }
    }

    private final SocketChannel channel;
    private final BufferedReader reader;

    private GuestPort(SocketChannel channel) {
        this.channel = channel;
        this.reader =
                new BufferedReader(
                        Channels.newReader(channel, StandardCharsets.UTF_8.newDecoder(), -1));
    }

    /// Connects to a guest's port and waits until the guest answers.
    ///
    /// @throws LabException where the guest does not answer in time
    static GuestPort connect(Path socket, Duration limit) {
        try {
            GuestPort port = new GuestPort(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
            port.within(
                    limit,
                    () -> {
                        port.send("ping");
                        // What an earlier conversation left half said is read away.
                        while (!port.line().equals("pong")) {}
                        return true;
                    });
            return port;
        } catch (IOException e) {
            throw new LabException("cannot reach the guest at " + socket, e);
        }
    }

    /// Runs a shell command in the guest.
    ///
    /// @throws LabException where it does not end in time or the port breaks
    public synchronized Answer run(String command, Duration limit) {
        if (command.indexOf('\n') >= 0) {
            throw new LabException("a guest command is one line");
        }
        return within(
                limit,
                () -> {
                    send("run " + command);
                    return answer();
                });
    }

    boolean open() {
        return channel.isOpen();
    }

    private Answer answer() throws IOException {
        List<String> lines = new ArrayList<>();
        while (true) {
            String line = line();
            if (line.startsWith("exit ")) {
                return new Answer(Integer.parseInt(line.substring(5).strip()), lines);
            }
            if (line.startsWith("out ") && lines.size() < LINES_MAX) {
                lines.add(line.substring(4));
            }
        }
    }

    private void send(String line) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private String line() throws IOException {
        String line = reader.readLine();
        if (line == null) {
            throw new IOException("the guest's port was closed");
        }
        return line;
    }

    private interface Talk<T> {
        T talk() throws IOException;
    }

    /// A blocking read has no time limit of its own: it ends when the channel is closed under it.
    private <T> T within(Duration limit, Talk<T> talk) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.startVirtualThread(
                () -> {
                    try {
                        result.complete(talk.talk());
                    } catch (IOException | RuntimeException e) {
                        result.completeExceptionally(e);
                    }
                });
        try {
            return result.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            close();
            throw new LabException("no answer from the guest for " + limit.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            close();
            throw new LabException("the guest's port broke: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new LabException("cannot close a guest's port", e);
        }
    }
}
