package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.broker.testbed.Tokens;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Events at somebody else's door: signed, in order, and again until they are taken.
class WebhooksIT {

    private final TestBroker broker = TestBroker.shared();

    private record Message(String id, String time, String signature, String body) {}

    @Test
    void sendsAnEventAgainUntilItIsTaken() throws Exception {
        Queue<Message> messages = new ConcurrentLinkedQueue<>();
        AtomicInteger refusals = new AtomicInteger(1);
        HttpServer server = receiver(messages, refusals);
        try {
            Http.Answer made =
                    Tokens.post(
                            broker.admin(),
                            "/api/v1/webhooks",
                            Map.of(
                                    "spec",
                                    Map.of(
                                            "url",
                                            "http://127.0.0.1:" + server.getAddress().getPort(),
                                            "types",
                                            List.of("harvesting_stopped", "harvesting_allowed"))));
            turn("STOPPED");
            turn("ALLOWED");
            Poll.until(() -> messages.size() >= 3);
            List<Message> got = List.copyOf(messages);
            assertThat(got.get(0).id())
                    .as("the refused one comes again")
                    .isEqualTo(got.get(1).id());
            JsonNode event = Http.JSON.readTree(got.get(1).body());
            assertThat(event.at("/specversion").asString()).isEqualTo("1.0");
            assertThat(event.at("/type").asString()).isEqualTo("io.memfabric.harvesting_stopped");
            assertThat(Http.JSON.readTree(got.get(2).body()).at("/type").asString())
                    .isEqualTo("io.memfabric.harvesting_allowed");
            String secret = made.body().at("/secret").asString();
            got.forEach(
                    message -> assertThat(message.signature()).isEqualTo(sign(secret, message)));
            String path = "/api/v1/webhooks/" + made.body().at("/id").asString();
            assertThat(broker.admin().get(path).body().has("secret")).isFalse();
            assertThat(broker.admin().delete(path).status()).isEqualTo(204);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void refusesAddressesThatAreNone() {
        for (String url :
                List.of("file:///etc/passwd", "http://", "x", "http://a:b@c/", "ftp://a")) {
            Http.Answer answer =
                    broker.admin()
                            .post(
                                    "/api/v1/webhooks",
                                    Map.of("spec", Map.of("url", url)),
                                    "Idempotency-Key",
                                    url);
            assertThat(answer.code()).as(url).isEqualTo("invalid_webhook");
        }
    }

    private HttpServer receiver(Queue<Message> messages, AtomicInteger refusals)
            throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    var headers = exchange.getRequestHeaders();
                    messages.add(
                            new Message(
                                    String.valueOf(headers.getFirst("webhook-id")),
                                    String.valueOf(headers.getFirst("webhook-timestamp")),
                                    String.valueOf(headers.getFirst("webhook-signature")),
                                    new String(
                                            exchange.getRequestBody().readAllBytes(),
                                            StandardCharsets.UTF_8)));
                    exchange.sendResponseHeaders(refusals.getAndDecrement() > 0 ? 503 : 204, -1);
                    exchange.close();
                });
        server.start();
        return server;
    }

    private void turn(String harvesting) {
        Http.Answer now = broker.admin().get("/api/v1/fabric");
        Http.Answer answer =
                broker.admin()
                        .patch(
                                "/api/v1/fabric",
                                Map.of("spec", Map.of("harvesting", harvesting)),
                                "If-Match",
                                now.etag().orElseThrow());
        assertThat(answer.status()).isEqualTo(200);
    }

    private static String sign(String secret, Message message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            String text = message.id() + "." + message.time() + "." + message.body();
            return "v1,"
                    + Base64.getEncoder()
                            .encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
