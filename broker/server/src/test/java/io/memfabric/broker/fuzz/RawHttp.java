package io.memfabric.broker.fuzz;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// HTTP/1.1 over one connection, without the care that clients take: what is to be sent is sent.
final class RawHttp implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 40_000;

    private final URI address;
    private Socket socket = new Socket();
    private InputStream in = InputStream.nullInputStream();

    RawHttp(URI address) {
        this.address = address;
    }

    /// An answer; names of headers are in lower case.
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares answers.
    record Answer(int status, Map<String, String> headers, byte[] body) {
        String type() {
            return headers.getOrDefault("content-type", "").split(";", 2)[0];
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /// Sends a request, once more where a kept connection turns out to be closed.
    Answer send(ForgedRequest request) throws IOException {
        boolean fresh = socket.isClosed() || !socket.isConnected();
        if (fresh) {
            connect();
        }
        try {
            return exchange(request);
        } catch (IOException e) {
            if (fresh) {
                throw e;
            }
        }
        connect();
        return exchange(request);
    }

    private void connect() throws IOException {
        socket.close();
        socket = new Socket(address.getHost(), address.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
    }

    private Answer exchange(ForgedRequest request) throws IOException {
        socket.getOutputStream().write(request.bytes());
        Answer answer = read(request.method());
        if ("close".equals(answer.headers().get("connection")) || answer.status() == 101) {
            socket.close();
        }
        return answer;
    }

    private Answer read(String method) throws IOException {
        String start = line();
        if (!start.matches("HTTP/1\\.1 [1-5][0-9][0-9].*")) {
            throw new IOException("no answer begins with " + start);
        }
        int status = Integer.parseInt(start.substring(9, 12));
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        if (headers.getOrDefault("content-type", "").startsWith("text/event-stream")) {
            socket.close();
            return new Answer(status, headers, new byte[0]);
        }
        byte[] body = method.equals("HEAD") || status == 204 ? new byte[0] : body(headers);
        return new Answer(status, headers, body);
    }

    private byte[] body(Map<String, String> headers) throws IOException {
        String length = headers.get("content-length");
        if (length != null) {
            return in.readNBytes(Integer.parseInt(length));
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if ("chunked".equals(headers.get("transfer-encoding"))) {
            for (int size = chunk(); size > 0; size = chunk()) {
                body.write(in.readNBytes(size));
                line();
            }
            line();
        } else {
            in.transferTo(body);
            socket.close();
        }
        return body.toByteArray();
    }

    private int chunk() throws IOException {
        return Integer.parseInt(line().split(";", 2)[0].strip(), 16);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection was closed");
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
