package io.memfabric.agent.borrowing;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// What every page of a device must hold, kept beside the device. A page's content is its number and
/// its version, stamped into every eight bytes of it; version 0 is zeros.
final class PageModel {

    static final int PAGE = 4096;
    private static final int DEPTH = 16;

    private final int[] versions;
    private final Random random;
    private int version;

    /// Requests under way: which, where, how many pages.
    private record Pending(int command, int first, int pages) {}

    PageModel(long sizeBytes, long seed) {
        versions = new int[(int) (sizeBytes / PAGE)];
        random = new Random(seed);
    }

    /// One round: sixteen requests at once on pages that do not overlap, then all answers.
    void round(RawClient client, int maxPages) throws IOException, InterruptedException {
        Map<Long, Pending> pending = new HashMap<>();
        List<ByteBuffer> requests = new ArrayList<>();
        boolean[] busy = new boolean[versions.length];
        for (int i = 0; i < DEPTH; i++) {
            Pending next = draw(maxPages);
            if (isFree(busy, next)) {
                long cookie = random.nextLong();
                pending.put(cookie, next);
                requests.add(request(cookie, next));
            }
        }
        // A client that sends all before it reads anything may wait for itself.
        Thread sender = Thread.ofVirtual().start(() -> send(client, requests));
        while (!pending.isEmpty()) {
            ByteBuffer header = client.receive(16);
            assertThat(header.getInt()).isEqualTo(0x67446698);
            assertThat(header.getInt()).as("error").isZero();
            Pending done = requireNonNull(pending.remove(header.getLong()), "unknown cookie");
            if (done.command() == Nbd.CMD_READ) {
                verify(done.first(), client.receive(done.pages() * PAGE));
            }
        }
        sender.join();
    }

    private static void send(RawClient client, List<ByteBuffer> requests) {
        try {
            for (ByteBuffer request : requests) {
                client.send(request);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Pending draw(int maxPages) {
        int command =
                switch (random.nextInt(10)) {
                    case 0 -> Nbd.CMD_TRIM;
                    case 1 -> Nbd.CMD_WRITE_ZEROES;
                    case 2, 3, 4, 5 -> Nbd.CMD_WRITE;
                    default -> Nbd.CMD_READ;
                };
        int pages = 1 + random.nextInt(maxPages);
        // Often near the border of two regions, where requests are split.
        int border = (1 + random.nextInt(2)) * (64 << 20) / PAGE;
        int first =
                random.nextBoolean()
                        ? random.nextInt(versions.length - pages)
                        : border - random.nextInt(2 * maxPages);
        return new Pending(command, Math.clamp(first, 0, versions.length - pages), pages);
    }

    private static boolean isFree(boolean[] busy, Pending next) {
        for (int page = next.first(); page < next.first() + next.pages(); page++) {
            if (busy[page]) {
                return false;
            }
        }
        for (int page = next.first(); page < next.first() + next.pages(); page++) {
            busy[page] = true;
        }
        return true;
    }

    private ByteBuffer request(long cookie, Pending next) {
        byte[] data = new byte[0];
        if (next.command() != Nbd.CMD_READ) {
            version++;
            boolean isWrite = next.command() == Nbd.CMD_WRITE;
            for (int page = next.first(); page < next.first() + next.pages(); page++) {
                versions[page] = isWrite ? version : 0;
            }
            data = isWrite ? content(next.first(), next.pages()) : data;
        }
        return RawClient.request(
                0, next.command(), cookie, (long) next.first() * PAGE, next.pages() * PAGE, data);
    }

    private byte[] content(int first, int pages) {
        ByteBuffer bytes = ByteBuffer.allocate(pages * PAGE);
        for (int page = first; page < first + pages; page++) {
            for (int i = 0; i < PAGE; i += 8) {
                bytes.putLong(versions[page] == 0 ? 0 : (long) page << 32 | versions[page]);
            }
        }
        return bytes.array();
    }

    private void verify(int first, ByteBuffer data) {
        int pages = data.remaining() / PAGE;
        if (!data.equals(ByteBuffer.wrap(content(first, pages)))) {
            List<String> wrong = new ArrayList<>();
            for (int i = 0; i < pages; i++) {
                long stamp = data.getLong(i * PAGE);
                wrong.add(
                        "page %d: version %d, holds page %d version %d"
                                .formatted(
                                        first + i, versions[first + i], stamp >> 32, (int) stamp));
            }
            throw new AssertionError("wrong pages: " + wrong);
        }
    }

    /// Reads the whole device.
    void verifyAll(RawClient client) throws IOException {
        int step = 256;
        for (int page = 0; page < versions.length; page += step) {
            verify(page, client.read((long) page * PAGE, step * PAGE).data());
        }
    }
}
