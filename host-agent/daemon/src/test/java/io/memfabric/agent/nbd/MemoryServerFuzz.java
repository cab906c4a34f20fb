package io.memfabric.agent.nbd;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/// Whatever a client says once it is let in. The answers are held against a model of the memory:
/// each request that arrived whole is answered once, in its turn, with the data that the requests
/// before it left; nothing else is ever sent, and nothing else is ever changed. Only who breaks the
/// protocol may get fewer answers.
public final class MemoryServerFuzz {

    private static final int PIECE = 16 << 10;
    private static final int SIZE = 2 * PIECE;
    private static final ExportInfo INFO = ExportInfo.ofManyClients(SIZE, 1, Nbd.MAX_PAYLOAD);
    private static final int REQUEST_MAGIC = 0x25609513;
    private static final int REPLY_MAGIC = 0x67446698;

    private MemoryServerFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        List<ByteBuffer> pieces =
                List.of(ByteBuffer.allocateDirect(PIECE), ByteBuffer.allocateDirect(PIECE));
        ScriptedChannel channel = new ScriptedChannel(input);
        boolean isBroken = false;
        try {
            new MemoryServer(channel, INFO, new PiecedMemory(pieces)).serve();
        } catch (IOException e) {
            isBroken = true;
        }
        byte[] model = new byte[SIZE];
        ByteBuffer answers = ByteBuffer.wrap(channel.answers());
        boolean isWhole = follow(ByteBuffer.wrap(input), answers, model, isBroken);
        check(!answers.hasRemaining(), "more was answered than was asked");
        byte[] memory = new byte[SIZE];
        pieces.get(0).get(0, memory, 0, PIECE);
        pieces.get(1).get(0, memory, PIECE, PIECE);
        check(!isWhole || Arrays.equals(memory, model), "the memory is not what was written");
    }

    /// @return false where a write may have been carried out, wholly or in part, without an answer
    private static boolean follow(
            ByteBuffer requests, ByteBuffer answers, byte[] model, boolean isBroken) {
        while (requests.remaining() >= 28) {
            int magic = requests.getInt();
            requests.getShort();
            int command = requests.getShort() & 0xffff;
            long cookie = requests.getLong();
            long offset = requests.getLong();
            long length = requests.getInt() & 0xffffffffL;
            if (magic != REQUEST_MAGIC || command == 2) {
                return true;
            }
            if (command == 1 && length > 32 << 20) {
                return true;
            }
            byte[] payload = new byte[0];
            if (command == 1) {
                if (length > requests.remaining()) {
                    return length <= 128 << 10;
                }
                payload = new byte[(int) length];
                requests.get(payload);
            }
            if (isBroken && !answers.hasRemaining()) {
                return false;
            }
            int error = answered(answers, cookie);
            if (error == 0) {
                carryOut(command, offset, length, payload, answers, model);
            }
        }
        return true;
    }

    private static int answered(ByteBuffer answers, long cookie) {
        try {
            check(answers.getInt() == REPLY_MAGIC, "not a reply");
            int error = answers.getInt();
            check(answers.getLong() == cookie, "the reply to another request");
            return error;
        } catch (BufferUnderflowException e) {
            throw new AssertionError("a request was not answered", e);
        }
    }

    private static void carryOut(
            int command,
            long offset,
            long length,
            byte[] payload,
            ByteBuffer answers,
            byte[] model) {
        if (command == 3) {
            return;
        }
        check(offset >= 0 && length <= SIZE - offset, "carried out beyond the end");
        int at = (int) offset;
        int count = (int) length;
        switch (command) {
            case 0 -> {
                byte[] data = new byte[count];
                answers.get(data);
                check(
                        Arrays.equals(data, Arrays.copyOfRange(model, at, at + count)),
                        "read something else than was written");
            }
            case 1 -> System.arraycopy(payload, 0, model, at, count);
            case 4, 6 -> Arrays.fill(model, at, at + count, (byte) 0);
            default -> throw new AssertionError("carried out an unknown command " + command);
        }
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
