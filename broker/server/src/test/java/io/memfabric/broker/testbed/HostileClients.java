package io.memfabric.broker.testbed;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// A process of one tenant that means harm: on `go` it opens idle connections and sends bodies of a
/// gibibyte and JSON of ten thousand levels, two hundred a second; on `stop` it ends that. It says
/// `on` and `off` when it is so.
public final class HostileClients {

    private static final int IDLE = 10_000;
    private static final int SENDERS = 4;
    private static final long PAUSE_NANOS = 20_000_000;
    private static final byte[] CHUNK =
            ("10000\r\n" + " ".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.US_ASCII);

    private final URI address;
    private final String token;
    private final List<Socket> idle = new ArrayList<>();
    private volatile boolean sending;

    private HostileClients(URI address, String token) {
        this.address = address;
        this.token = token;
    }

    public static void main(String[] args) throws Exception {
        HostileClients clients = new HostileClients(URI.create(args[0]), args[1]);
        BufferedReader orders =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            if (order.equals("go")) {
                clients.begin();
                System.out.println("on");
            } else {
                clients.end();
                System.out.println("off");
            }
        }
    }

    private void begin() throws IOException {
        for (int i = 0; i < IDLE; i++) {
            Socket socket = new Socket(address.getHost(), address.getPort());
            if (i % 2 == 0) {
                socket.getOutputStream()
                        .write("GET /api/v1/vms HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            idle.add(socket);
        }
        sending = true;
        for (int i = 0; i < SENDERS; i++) {
            boolean deep = i % 2 == 0;
            Thread.startVirtualThread(
                    () -> {
                        while (sending) {
                            attack(deep);
                            LockSupport.parkNanos(PAUSE_NANOS);
                        }
                    });
        }
    }

    private void end() throws IOException {
        sending = false;
        for (Socket socket : idle) {
            socket.close();
        }
        idle.clear();
    }

    private void attack(boolean deep) {
        String json = "{\"spec\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}";
        String length = deep ? "Content-Length: " + json.length() : "Transfer-Encoding: chunked";
        String head =
                "POST /api/v1/grants HTTP/1.1\r\nHost: b\r\nConnection: close\r\n"
                        + "Authorization: Bearer "
                        + token
                        + "\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\n"
                        + length
                        + "\r\n\r\n";
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            if (deep) {
                socket.getOutputStream().write(json.getBytes(StandardCharsets.US_ASCII));
            } else {
                for (long sent = 0; sent < 1L << 30; sent += 0x10000) {
                    socket.getOutputStream().write(CHUNK);
                }
            }
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            // Cut off, as it is meant to be.
            LockSupport.parkNanos(1);
        }
    }
}
