package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.broker.testbed.Tokens;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Connections and bodies that are meant to take the broker's memory and time from others.
class HostileTrafficIT {

    private static final int IDLE = 2000;
    private static final long GIB = 1L << 30;

    /// Both ends of each connection are in this process.
    private static final long MOST_HEAP = IDLE * (64L << 10);

    private final TestBroker broker = TestBroker.shared();

    /// Case 5. The broker's limit is 2 s here, and 20 s where nobody sets it.
    @Test
    void case5EndsABodyThatTrickles() throws Exception {
        try (Socket socket = open(head("Transfer-Encoding: chunked"))) {
            OutputStream out = socket.getOutputStream();
            Thread trickle =
                    Thread.startVirtualThread(
                            () -> {
                                try {
                                    for (long sent = 0; sent < GIB; sent++) {
                                        out.write("1\r\n \r\n".getBytes(StandardCharsets.US_ASCII));
                                        out.flush();
                                        Thread.sleep(100);
                                    }
                                } catch (IOException | InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            });
            assertThat(start(socket)).startsWith("HTTP/1.1 408");
            trickle.interrupt();
        }
    }

    @Test
    void case5ReadsNoGibibyte() throws Exception {
        try (Socket socket = open(head("Content-Length: " + GIB))) {
            assertThat(start(socket)).as("it says its length").startsWith("HTTP/1.1 413");
        }
        try (Socket socket = open(head("Transfer-Encoding: chunked"))) {
            long sent = send(socket, GIB);
            assertThat(sent).as("nobody reads it to its end").isLessThan(64L << 20);
            assertThat(start(socket)).isIn("HTTP/1.1 413", "");
        }
    }

    /// Q24, its bounded part: `bench api` has 10,000 connections and what others notice.
    @Test
    void keepsItsHeapWhereManyConnectAndSayNothing() throws Exception {
        Http viewer = new Tokens().caller(Tokens.DEFAULT_TENANT, "tenant-viewer");
        assertThat(viewer.get("/api/v1/vms").status()).isEqualTo(200);
        long before = heap();
        List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < IDLE; i++) {
                idle.add(open(i % 2 == 0 ? "" : "GET /api/v1/vms HTTP/1.1\r\nHost: b\r\n"));
            }
            String deep = "{\"spec\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}";
            for (int i = 0; i < 50; i++) {
                assertThat(
                                broker.admin()
                                        .postRaw("/api/v1/grants", deep, "Idempotency-Key", "deep")
                                        .code())
                        .isEqualTo("malformed_request");
                assertThat(viewer.get("/api/v1/vms").status()).isEqualTo(200);
            }
            assertThat(heap() - before).isLessThan(MOST_HEAP);
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private String head(String length) throws IOException {
        String token = Files.readString(broker.dataDir().resolve("admin-token")).strip();
        return "POST /api/v1/tenants HTTP/1.1\r\nHost: b\r\nConnection: close\r\nAuthorization: Bearer "
                + token
                + "\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\n"
                + length
                + "\r\n\r\n";
    }

    private Socket open(String head) throws IOException {
        Socket socket = new Socket(broker.address().getHost(), broker.address().getPort());
        socket.setSoTimeout(40_000);
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }

    /// How an answer begins; empty where the connection was cut before it could be read.
    private static String start(Socket socket) throws IOException {
        try {
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        } catch (SocketException e) {
            return "";
        }
    }

    /// Sends so many bytes or as many as somebody takes.
    private static long send(Socket socket, long bytes) throws IOException {
        byte[] chunk =
                ("10000\r\n" + " ".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        OutputStream out = socket.getOutputStream();
        for (long sent = 0; sent < bytes; sent += 0x10000) {
            try {
                out.write(chunk);
            } catch (SocketException e) {
                return sent;
            }
        }
        return bytes;
    }
}
