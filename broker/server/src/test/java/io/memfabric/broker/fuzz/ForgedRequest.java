package io.memfabric.broker.fuzz;

import io.memfabric.broker.testbed.OpenApi;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A request as it goes on the wire.
///
/// @param plain whether method and path are those of `route`, so that its answers are the contract's
/// @param head the lines before the body, without the length
@SuppressWarnings("ArrayRecordComponent") // Nobody compares requests.
record ForgedRequest(
        OpenApi.Route route, boolean plain, String method, List<String> head, byte[] body) {

    byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        head.forEach(
                line -> bytes.writeBytes((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1)));
        if (body.length > 0 || !method.equals("GET")) {
            bytes.writeBytes(
                    ("Content-Length: " + body.length + "\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
        }
        bytes.writeBytes("\r\n".getBytes(StandardCharsets.ISO_8859_1));
        bytes.writeBytes(body);
        return bytes.toByteArray();
    }

    /// The request as text, without its token.
    @Override
    public String toString() {
        return new String(bytes(), StandardCharsets.ISO_8859_1)
                .replaceAll("Authorization: Bearer [^\r\n]+", "Authorization: Bearer (left out)");
    }
}
