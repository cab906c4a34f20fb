package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.memfabric.broker.testbed.BrokerProcess;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.broker.testbed.TestBroker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// Signed tokens of an issuer outside of the broker, which publishes its keys over HTTP and changes
/// them.
class IssuerIT {

    private static final String ISSUER = "https://issuer.test";
    private static final String LISTED = "/api/v1/vms";

    private volatile List<JWK> published = List.of();

    @Test
    void takesTheTokensOfAnIssuerAndNoOthers() throws Exception {
        RSAKey first = key("first");
        RSAKey second = key("second");
        published = List.of(first.toPublicJWK());
        Path dataDir = TestBroker.newDataDir();
        HttpServer issuer = serve();
        try (BrokerProcess broker =
                BrokerProcess.start(
                        dataDir,
                        "--memfabric.oidc.issuer=" + ISSUER,
                        "--memfabric.oidc.jwks-uri=http://127.0.0.1:"
                                + issuer.getAddress().getPort()
                                + "/keys")) {
            broker.awaitReady();
            takesWhatIsRight(broker, first);
            followsTheIssuersKeys(broker, first, second);
            refusesWhatIsNot(broker, second, key("third"));
            Http admin = broker.caller(Files.readString(dataDir.resolve("admin-token")).strip());
            assertThat(admin.get(LISTED).status()).as("its own tokens count too").isEqualTo(200);
            broker.stop();
        } finally {
            issuer.stop(0);
            TestBroker.deleteTree(dataDir);
        }
    }

    private static void takesWhatIsRight(BrokerProcess broker, RSAKey key) throws JOSEException {
        Http viewer = broker.caller(token(key, c -> c));
        assertThat(viewer.get(LISTED).status()).isEqualTo(200);
        assertThat(viewer.get("/api/v1/hosts").code()).isEqualTo("forbidden");
        Http operator =
                broker.caller(
                        token(
                                key,
                                c -> c.claim("memfabric_roles", List.of("fabric-operator", "x"))));
        assertThat(operator.get("/api/v1/hosts").status()).isEqualTo(200);
    }

    private static void refusesWhatIsNot(BrokerProcess broker, RSAKey key, RSAKey other)
            throws JOSEException {
        assertThat(status(broker, token(other, c -> c))).as("a key not published").isEqualTo(401);
        RSAKey posing = new RSAKey.Builder(other).keyID(key.getKeyID()).build();
        assertThat(status(broker, token(posing, c -> c))).as("a swapped key id").isEqualTo(401);
        assertThat(status(broker, token(key, c -> c.audience("others"))))
                .as("for another audience")
                .isEqualTo(401);
        assertThat(status(broker, token(key, c -> c.issuer("https://others"))))
                .as("of another issuer")
                .isEqualTo(401);
        assertThat(status(broker, token(key, c -> c.expirationTime(from(-1)))))
                .as("expired by a second")
                .isEqualTo(401);
        assertThat(status(broker, token(key, c -> c.expirationTime(null))))
                .as("without an end")
                .isEqualTo(401);
        assertThat(status(broker, token(key, c -> c.notBeforeTime(from(60)))))
                .as("not valid yet")
                .isEqualTo(401);
        assertThat(status(broker, token(key, c -> c.claim("memfabric_roles", "owner"))))
                .as("without a role that there is")
                .isEqualTo(401);
        assertThat(status(broker, token(key, c -> c.claim("memfabric_tenant", "nobodys"))))
                .as("of a tenant that there is not")
                .isEqualTo(401);
        assertThat(status(broker, new PlainJWT(claims().build()).serialize()))
                .as("alg none")
                .isEqualTo(401);
    }

    private void followsTheIssuersKeys(BrokerProcess broker, RSAKey first, RSAKey second)
            throws JOSEException {
        published = List.of(second.toPublicJWK());
        // How often keys may be asked for is limited, so a new one is known after a while.
        Poll.until(() -> status(broker, tokenOf(second)) == 200);
        assertThat(status(broker, token(first, c -> c))).as("a key withdrawn").isEqualTo(401);
    }

    private HttpServer serve() throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/keys",
                exchange -> {
                    byte[] body = new JWKSet(published).toString().getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().set("Content-Type", "application/json");
                    exchange.sendResponseHeaders(200, body.length);
                    try (exchange) {
                        exchange.getResponseBody().write(body);
                    }
                });
        server.start();
        return server;
    }

    private static RSAKey key(String id) throws JOSEException {
        return new RSAKeyGenerator(2048).keyID(id).generate();
    }

    private static Date from(int seconds) {
        return Date.from(Instant.now().plusSeconds(seconds));
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience("memfabric")
                .subject("somebody")
                .claim("memfabric_roles", "tenant-viewer")
                .expirationTime(from(300));
    }

    private static String tokenOf(RSAKey key) {
        try {
            return token(key, c -> c);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String token(RSAKey key, UnaryOperator<JWTClaimsSet.Builder> change)
            throws JOSEException {
        SignedJWT jwt =
                new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(),
                        change.apply(claims()).build());
        jwt.sign(new RSASSASigner(key));
        return jwt.serialize();
    }

    private static int status(BrokerProcess broker, String token) {
        return broker.caller(token).get(LISTED).status();
    }
}
