package io.memfabric.agent.borrowing.export;

import io.memfabric.agent.borrowing.Answers;
import io.memfabric.agent.borrowing.BlockDevice;
import io.memfabric.agent.borrowing.DiskListener;
import io.memfabric.agent.borrowing.Requests;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.ScriptedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// Whatever a QEMU that was taken over says to its disk, one client after the other to one server:
/// the server lives on, nothing within the device is refused that should not be, nothing outside it
/// reaches the device, and all that is sent back are whole replies.
public final class UnixDiskServerFuzz {

    private static final long SIZE = 1 << 20;
    private static final int REPLY_MAGIC = 0x67446698;
    private static final Clients CLIENTS = new Clients();
    private static final UnixDiskServer SERVER = serve();
    private static final byte[] ENTER = enter();

    private UnixDiskServerFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws InterruptedException {
        byte[] all = new byte[ENTER.length + input.length];
        System.arraycopy(ENTER, 0, all, 0, ENTER.length);
        System.arraycopy(input, 0, all, ENTER.length, input.length);
        ScriptedChannel channel = new ScriptedChannel(all);
        CLIENTS.queue.add(channel);
        channel.awaitClose();
        if (SERVER.stop().isPresent()) {
            throw new AssertionError("the device stopped: " + SERVER.stop().get());
        }
        checkReplies(ByteBuffer.wrap(channel.answers()));
    }

    /// The device answers reads with pages full of `0x11`, so a reply's data can be told from a
    /// reply: it is of the length that its request, remembered in the cookie, asked for.
    private static void checkReplies(ByteBuffer answers) {
        // Greeting, and the answer to GO: export, block sizes, acknowledgement.
        answers.position(18 + 20 + 12 + 20 + 14 + 20);
        while (answers.hasRemaining()) {
            if (answers.remaining() < 16 || answers.getInt() != REPLY_MAGIC) {
                throw new AssertionError("something else than a reply at " + answers.position());
            }
            answers.position(answers.position() + 12);
            while (answers.hasRemaining() && answers.get(answers.position()) == 0x11) {
                answers.get();
            }
        }
    }

    private static byte[] enter() {
        ByteBuffer bytes = ByteBuffer.allocate(4 + 16 + 10);
        bytes.putInt(3);
        bytes.putLong(0x49484156454F5054L).putInt(7).putInt(10);
        bytes.putInt(4).put((byte) 'd').put((byte) 'i').put((byte) 's').put((byte) 'k');
        return bytes.putShort((short) 0).array();
    }

    private static UnixDiskServer serve() {
        return (UnixDiskServer)
                new UnixDiskServer.UnixTransport().serve(CLIENTS, "disk", new Elevens());
    }

    private static final class Clients implements DiskListener {
        private final BlockingQueue<ScriptedChannel> queue = new LinkedBlockingQueue<>();

        @Override
        public ByteChannel accept() throws IOException {
            try {
                return queue.take();
            } catch (InterruptedException e) {
                throw new ClosedChannelException();
            }
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    /// A device that answers at [#flush], and reads `0x11` everywhere.
    private static final class Elevens implements BlockDevice.Ready {

        @Override
        public long sizeBytes() {
            return SIZE;
        }

        @Override
        public BlockDevice start(Requests requests, Answers answers) {
            Answers.Sink sink = answers.sink();
            ByteBuffer memory = ByteBuffer.allocateDirect(16 + Requests.MAX_PAYLOAD);
            return new BlockDevice() {
                private final int[] waiting = new int[Requests.SLOTS];
                private int count;

                @Override
                public void submit(int slot) {
                    long offset = requests.offset(slot);
                    long length = requests.length(slot);
                    if (offset < 0 || length <= 0 || length > SIZE - offset) {
                        throw new AssertionError("beyond the device: " + offset + "+" + length);
                    }
                    if ((offset | length) % 4096 != 0) {
                        throw new AssertionError("not whole pages: " + offset + "+" + length);
                    }
                    waiting[count++] = slot;
                }

                @Override
                public void flush() {
                    for (int i = 0; i < count; i++) {
                        int slot = waiting[i];
                        if (requests.command(slot) == Nbd.CMD_READ) {
                            for (int at = 0; at < requests.length(slot); at += 4) {
                                memory.putInt(16 + at, 0x11111111);
                            }
                        }
                        sink.answer(slot, memory, 16);
                        sink.flush();
                    }
                    count = 0;
                }

                @Override
                public void send(int slot) {
                    submit(slot);
                    flush();
                }

                @Override
                public void abandon() {}

                @Override
                public void close() {}
            };
        }
    }
}
