package io.memfabric.control;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// One caller on one connection that stays until the broker closes it: as little work beside the
/// broker's as pgbench makes beside PostgreSQL's. It knows as much of HTTP/1.1 as the broker answers
/// with.
final class KeptConnection implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 10_000;

    private final URI broker;
    private final String head;
    private Socket socket;
    private InputStream in;
    private boolean closing;

    KeptConnection(URI broker, String token) throws IOException {
        this.broker = broker;
        head =
                "Host: %s:%d\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
                        .formatted(broker.getHost(), broker.getPort(), token);
        socket = connect();
        in = new BufferedInputStream(socket.getInputStream());
    }

    private Socket connect() throws IOException {
        Socket connected = new Socket(broker.getHost(), broker.getPort());
        connected.setTcpNoDelay(true);
        connected.setSoTimeout(TIMEOUT_MILLIS);
        return connected;
    }

    record Answer(int status, String body) {}

    Answer post(String path, String body, String key) throws IOException {
        if (closing) {
            socket.close();
            socket = connect();
            in = new BufferedInputStream(socket.getInputStream());
            closing = false;
        }
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        String request =
                "POST %s HTTP/1.1\r\n%sIdempotency-Key: %s\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(path, head, key, content.length, body);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        int status = Integer.parseInt(line().split(" ", 3)[1]);
        int length = 0;
        boolean chunked = false;
        for (String line = line(); !line.isEmpty(); line = line()) {
            String header = line.toLowerCase(Locale.ROOT);
            if (header.startsWith("content-length:")) {
                length = Integer.parseInt(header.substring("content-length:".length()).strip());
            }
            closing |= header.equals("connection: close");
            chunked |= header.equals("transfer-encoding: chunked");
        }
        return new Answer(status, chunked ? chunks() : text(length));
    }

    private String chunks() throws IOException {
        StringBuilder all = new StringBuilder();
        for (int size = size(); size > 0; size = size()) {
            all.append(text(size));
            line();
        }
        line();
        return all.toString();
    }

    private int size() throws IOException {
        return Integer.parseInt(line(), 16);
    }

    private String text(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the broker ended an answer early");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the broker closed the connection");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
