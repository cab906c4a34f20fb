package io.memfabric.control;

import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A process with many hosts that do nothing but report: each has a connection and says every second
/// which of its VMs changed, and now and then all of them. One thread, so that it needs no processor
/// that the broker could have. Its clock runs on whatever the broker does: a report that is due while
/// the one before is not answered waits, and the wait counts.
final class ReportLoad {

    private static final long GIB = 1L << 30;
    private static final long SECOND = 1_000_000_000L;
    private static final long LONGEST_SPREAD = 10 * SECOND;

    /// Every so many reports one names all VMs, as the agent's do.
    private static final int WHOLE_EVERY = 30;

    /// How many of a hundred VMs changed enough within a second to be named.
    private static final int CHANGED_PERCENT = 10;

    private static final String TAG = "\"tag\":\"";

    private final Selector selector;
    private final List<Host> hosts = new ArrayList<>();
    private final Random random = new Random(1);
    private final List<Long> latencies = new ArrayList<>();
    private long measureFrom = Long.MAX_VALUE;
    private long measureUntil = Long.MAX_VALUE;
    private long due;
    private long failed;

    private ReportLoad() throws IOException {
        selector = Selector.open();
    }

    static final long VM_BYTES = 2 * GIB;

    /// The same as SQL, of a host's number n and a VM's number v.
    static final String TOKEN_OF_N = "'mfh_' || lpad(to_hex(n), 64, '0')";

    static final String HOST_ID_OF_N =
            "('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid";
    static final String VM_ID_OF_N_AND_V =
            "('00000000-1000-4000-8000-' || lpad(to_hex(n << 16 | v), 12, '0'))::uuid";

    static String token(int host) {
        return "mfh_%064x".formatted(host);
    }

    static UUID hostId(int host) {
        return new UUID(0x0000_7000L, 0x8000_0000_0000_0000L | host);
    }

    static UUID vmId(int host, int vm) {
        return new UUID(0x1000_4000L, 0x8000_0000_0000_0000L | (long) host << 16 | vm);
    }

    private static final class Host {
        final int number;
        SocketChannel channel;
        final byte[] head;
        final ByteBuffer in = ByteBuffer.allocate(2048);
        ByteBuffer out = ByteBuffer.allocate(0);
        long nextDue;
        long sentDue = -1;
        long sequence;
        long heardSequence = -1;

        /// Of the policies that the broker sent last, as an agent says it with each report.
        @Nullable String policiesTag;

        Host(int number, SocketChannel channel, URI broker) {
            this.number = number;
            this.channel = channel;
            this.head =
                    ("POST /agent/v1/reports HTTP/1.1\r\nHost: "
                                    + broker.getAuthority()
                                    + "\r\nContent-Type: application/json\r\nAuthorization: Bearer "
                                    + token(number)
                                    + "\r\nContent-Length: ")
                            .getBytes(StandardCharsets.US_ASCII);
        }
    }

    /// Arguments: the broker's address, hosts, VMs of each, seconds to warm up, seconds to measure.
    /// Prints how many reports were due, answered and failed, and the 50th and 99th percentile of
    /// what answers took in nanoseconds.
    public static void main(String[] arguments) throws IOException {
        URI broker = URI.create(arguments[0]);
        int count = Integer.parseInt(arguments[1]);
        int vms = Integer.parseInt(arguments[2]);
        long warm = Long.parseLong(arguments[3]) * SECOND;
        long length = Long.parseLong(arguments[4]) * SECOND;
        ReportLoad load = new ReportLoad();
        load.run(broker, count, vms, warm, length);
        long[] sorted = load.latencies.stream().mapToLong(Long::longValue).sorted().toArray();
        long p50 = sorted.length == 0 ? Long.MAX_VALUE : sorted[sorted.length / 2];
        long p99 =
                sorted.length == 0
                        ? Long.MAX_VALUE
                        : sorted[(int) Math.min(sorted.length - 1L, sorted.length * 99L / 100)];
        System.out.printf("%d %d %d %d %d%n", load.due, sorted.length, load.failed, p50, p99);
    }

    private void run(URI broker, int count, int vms, long warm, long length) throws IOException {
        InetSocketAddress address = new InetSocketAddress(broker.getHost(), broker.getPort());
        for (int i = 0; i < count; i++) {
            Host host = new Host(i, SocketChannel.open(address), broker);
            watch(host);
            hosts.add(host);
        }
        long start = System.nanoTime();
        // The first reports name every VM: they come one after the other, over the warm-up's half,
        // and
        // sooner than the broker ends a connection on which nothing comes.
        long spread = Math.min(warm / 2, LONGEST_SPREAD);
        for (Host host : hosts) {
            host.nextDue = start + spread * host.number / count;
        }
        measureFrom = start + warm;
        measureUntil = start + warm + length;
        while (System.nanoTime() < measureUntil + SECOND) {
            long now = System.nanoTime();
            for (Host host : hosts) {
                if (host.sentDue < 0 && host.nextDue <= now && now < measureUntil) {
                    try {
                        send(host, vms);
                    } catch (IOException e) {
                        lose(host, e.toString());
                    }
                }
            }
            selector.select(this::ready, 1);
        }
        for (Host host : hosts) {
            if (host.sentDue >= measureFrom && host.sentDue < measureUntil) {
                failed++;
            }
            host.channel.close();
        }
    }

    private void watch(Host host) throws IOException {
        host.channel.configureBlocking(false);
        host.channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        host.channel.register(selector, SelectionKey.OP_READ, host);
    }

    private void send(Host host, int vms) throws IOException {
        host.sentDue = host.nextDue;
        host.nextDue += SECOND;
        if (host.sentDue >= measureFrom && host.sentDue < measureUntil) {
            due++;
        }
        host.sequence++;
        byte[] body = body(host, vms);
        byte[] length = (body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        host.out =
                ByteBuffer.allocate(host.head.length + length.length + body.length)
                        .put(host.head)
                        .put(length)
                        .put(body)
                        .flip();
        host.channel.write(host.out);
        if (host.out.hasRemaining()) {
            host.channel.keyFor(selector).interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        }
    }

    private byte[] body(Host host, int vms) {
        boolean whole = host.heardSequence < 0 || (host.sequence + host.number) % WHOLE_EVERY == 0;
        List<VmReport> told = new ArrayList<>();
        for (int vm = 0; vm < vms; vm++) {
            if (whole || random.nextInt(100) < CHANGED_PERCENT) {
                told.add(vm(host.number, vm));
            }
        }
        HostReport report =
                new HostReport(
                        hostId(host.number),
                        host.sequence,
                        HarvestMode.HARVEST,
                        new MemoryReport(256 * GIB, 32 * GIB, 4 * GIB, 64 * GIB, 0, 0, 0),
                        told,
                        host.policiesTag,
                        null,
                        whole ? null : (Long) host.heardSequence);
        return Rest.JSON.writeValueAsBytes(report);
    }

    private VmReport vm(int host, int vm) {
        return new VmReport(
                vmId(host, vm),
                "vm-" + host + "-" + vm,
                VmReport.State.RUNNING,
                VM_BYTES,
                GIB + random.nextInt(1 << 20) * 1024L,
                GIB / 2 + random.nextInt(1 << 18) * 1024L,
                GIB + random.nextInt(1 << 20) * 1024L,
                true,
                null,
                new VmReport.Strain(0L, random.nextInt(1 << 20)));
    }

    private void ready(SelectionKey key) {
        Host host = (Host) key.attachment();
        try {
            if (key.isWritable()) {
                host.channel.write(host.out);
                if (!host.out.hasRemaining()) {
                    key.interestOps(SelectionKey.OP_READ);
                }
            }
            if (key.isReadable()) {
                if (host.channel.read(host.in) < 0) {
                    throw new IOException("the broker closed the connection");
                }
                answer(host);
            }
        } catch (IOException e) {
            lose(host, e.toString());
        }
    }

    /// While the broker is cold, a host whose connection ends connects again and says all again a
    /// second later, as agents do. Once it is measured, the step is not held.
    private void lose(Host host, String why) {
        try {
            SocketAddress broker = host.channel.getRemoteAddress();
            host.channel.close();
            host.sentDue = -1;
            host.heardSequence = -1;
            host.in.clear();
            if (System.nanoTime() < measureFrom) {
                host.channel = SocketChannel.open(broker);
                watch(host);
                host.nextDue = System.nanoTime() + SECOND;
                return;
            }
        } catch (IOException e) {
            System.err.println(e);
        }
        fail(host, why);
        host.nextDue = Long.MAX_VALUE;
    }

    private void fail(Host host, String why) {
        if (failed++ == 0) {
            System.err.println("host " + host.number + ": " + why);
        }
    }

    /// An answer is whole when its last byte is there: they are short and come with their length or
    /// in one chunk.
    private void answer(Host host) {
        String text =
                new String(host.in.array(), 0, host.in.position(), StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0 || !(text.endsWith("\r\n0\r\n\r\n") || hasLength(text, end))) {
            return;
        }
        host.in.clear();
        boolean good = text.startsWith("HTTP/1.1 200");
        host.heardSequence = good ? host.sequence : -1;
        int tag = text.indexOf(TAG, end);
        if (tag >= 0) {
            int from = tag + TAG.length();
            host.policiesTag = text.substring(from, text.indexOf('"', from));
        }
        if (host.sentDue >= measureFrom && host.sentDue < measureUntil) {
            if (good) {
                latencies.add(System.nanoTime() - host.sentDue);
            }
        }
        // A broker that is still cold may refuse; the host says all again a second later, as agents
        // do.
        if (!good && host.sentDue >= measureFrom) {
            fail(host, text.substring(0, text.indexOf('\r')));
        }
        host.sentDue = -1;
    }

    private static boolean hasLength(String text, int end) {
        int at = text.indexOf("Content-Length: ");
        if (at < 0 || at > end) {
            return false;
        }
        int from = at + "Content-Length: ".length();
        int length = Integer.parseInt(text.substring(from, text.indexOf('\r', from)));
        return text.length() >= end + 4 + length;
    }
}
