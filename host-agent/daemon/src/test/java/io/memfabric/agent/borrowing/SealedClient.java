package io.memfabric.agent.borrowing;

import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.RequestHeader;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Uses a sealed device in the place of an export: one slot after the other, each with room for a
/// write of its own.
final class SealedClient implements Answers, AutoCloseable {

    static final UUID GRANT = UUID.fromString("11111111-2222-3333-4444-555555555555");
    static final int MAX = 64 * KeptLayout.PAGE;

    private static final int ROOM = RequestHeader.BYTES + MAX;

    final BlockDevice device;
    final CompletableFuture<String> stopped = new CompletableFuture<>();
    private final ByteBuffer memory = ByteBuffer.allocateDirect(16 * ROOM);
    private final Requests requests = new Requests(memory);
    private final CompletableFuture<byte[]>[] awaited;
    private int next;

    @SuppressWarnings({"unchecked", "rawtypes"})
    private SealedClient(FakeLender lender, KeptGrant grant) {
        awaited = new CompletableFuture[Requests.SLOTS];
        device = Sealed.before(lender, grant).start(requests, this);
    }

    static RecordedMemory memory(FakeLender lender) {
        return new RecordedMemory(new KeptLayout(lender.sizeBytes()).totalBytes());
    }

    static SealedClient begin(FakeLender lender, KeptMemory memory) {
        return new SealedClient(
                lender, KeptGrant.begin(memory, GRANT, Lender.TENANT, lender.sizeBytes(), 1));
    }

    static SealedClient resume(FakeLender lender, KeptMemory memory) throws BorrowingException {
        return new SealedClient(lender, KeptGrant.resume(memory, GRANT, lender.sizeBytes(), 1));
    }

    static SealedClient over(FakeLender lender, KeptGrant grant) {
        return new SealedClient(lender, grant);
    }

    CompletableFuture<byte[]> start(int command, long page, int count, byte @Nullable [] data) {
        int slot = next++ % 16;
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        awaited[slot] = answer;
        int frame = slot * ROOM;
        int length = count * KeptLayout.PAGE;
        RequestHeader.write(memory, frame, command, slot, page * KeptLayout.PAGE, length);
        if (data != null) {
            memory.put(frame + RequestHeader.BYTES, data);
        }
        requests.set(slot, command, page * KeptLayout.PAGE, length, frame);
        device.submit(slot);
        device.flush();
        return answer;
    }

    CompletableFuture<byte[]> startWrite(long page, byte[] data) {
        return start(Nbd.CMD_WRITE, page, data.length / KeptLayout.PAGE, data);
    }

    void write(long page, byte[] data) {
        await(startWrite(page, data));
    }

    byte[] read(long page, int count) {
        return await(start(Nbd.CMD_READ, page, count, null));
    }

    void trim(long page, int count) {
        await(start(Nbd.CMD_TRIM, page, count, null));
    }

    /// What became of a read: its data, or the code with which the device stopped.
    Object outcomeOfRead(long page) {
        CompletableFuture<byte[]> answer = start(Nbd.CMD_READ, page, 1, null);
        return await(CompletableFuture.anyOf(answer, stopped));
    }

    static <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.get(10, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("no answer", e);
        }
    }

    @Override
    public Sink sink() {
        return new Sink() {
            @Override
            public boolean answer(int slot, ByteBuffer data, int at) {
                byte[] copy = new byte[requests.answerLength(slot)];
                data.get(at, copy);
                awaited[slot].complete(copy);
                return true;
            }

            @Override
            public void flush() {}
        };
    }

    @Override
    public void abandoned(int slot) {
        awaited[slot].completeExceptionally(new IllegalStateException("abandoned"));
    }

    @Override
    public void stopped(DeviceStop reason) {
        stopped.complete(reason.code());
    }

    @Override
    public void close() {
        device.close();
    }
}
