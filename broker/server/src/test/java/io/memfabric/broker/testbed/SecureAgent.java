package io.memfabric.broker.testbed;

import io.memfabric.contract.agent.CertificateRenewal;
import io.memfabric.contract.agent.EnrollRequest;
import io.memfabric.contract.agent.EnrollResponse;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// An agent at the port with TLS, with whatever certificate it is given. It believes any broker: the
/// real agent's own tests show that that one does not.
public final class SecureAgent {

    private static final char[] NO_PASSWORD = {};

    private record Shown(KeyPair keys, X509Certificate certificate) {}

    private final int port;
    private final UUID hostId;
    private final String token;
    private final @Nullable Shown shown;
    private final X509Certificate authority;
    private final HttpClient http;

    private SecureAgent(
            int port,
            UUID hostId,
            String token,
            @Nullable Shown shown,
            X509Certificate authority,
            String protocol)
            throws GeneralSecurityException, IOException {
        this.port = port;
        this.hostId = hostId;
        this.token = token;
        this.shown = shown;
        this.authority = authority;
        this.http = client(shown, protocol, new AtomicReference<>());
    }

    /// An answer of the broker.
    public record Answer(int status, JsonNode body) {
        public String code() {
            return body.path("code").asString("");
        }
    }

    public static SecureAgent enroll(int port, String joinToken, String name) throws Exception {
        KeyPair keys = Requests.keys("EC", 256);
        AtomicReference<X509Certificate> authority = new AtomicReference<>();
        Answer answer =
                send(
                        client(null, "TLSv1.3", authority),
                        port,
                        joinToken,
                        "POST",
                        "/agent/v1/enroll",
                        Http.JSON.writeValueAsString(
                                new EnrollRequest(
                                        name,
                                        "192.0.2.1:7700",
                                        "0.1.0",
                                        Requests.pem(keys, keys, "SHA256withECDSA"))));
        EnrollResponse enrolled = Http.JSON.treeToValue(answer.body(), EnrollResponse.class);
        return new SecureAgent(
                port,
                enrolled.hostId(),
                enrolled.agentToken(),
                new Shown(keys, x509(enrolled.certificate().hostPem())),
                authority.get(),
                "TLSv1.3");
    }

    private static X509Certificate x509(String pem) throws GeneralSecurityException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    public UUID hostId() {
        return hostId;
    }

    public String token() {
        return token;
    }

    public SecureAgent withoutCertificate() throws Exception {
        return new SecureAgent(port, hostId, token, null, authority, "TLSv1.3");
    }

    public SecureAgent withCertificateOf(SecureAgent other) throws Exception {
        return new SecureAgent(port, hostId, token, other.shown, authority, "TLSv1.3");
    }

    public SecureAgent withTokenOf(SecureAgent other) throws Exception {
        return new SecureAgent(port, hostId, other.token, shown, authority, "TLSv1.3");
    }

    public SecureAgent withProtocol(String protocol) throws Exception {
        return new SecureAgent(port, hostId, token, shown, authority, protocol);
    }

    public SecureAgent withForgedCertificate() throws Exception {
        KeyPair keys = Requests.keys("EC", 256);
        X500Principal name = new X500Principal("CN=" + hostId);
        // With the authority's name, else it would not even be shown.
        X500Principal issuer = authority.getSubjectX500Principal();
        Instant now = Instant.now();
        X509Certificate made =
                new JcaX509CertificateConverter()
                        .getCertificate(
                                new JcaX509v3CertificateBuilder(
                                                issuer,
                                                BigInteger.TEN,
                                                Date.from(now.minusSeconds(60)),
                                                Date.from(now.plusSeconds(3600)),
                                                name,
                                                keys.getPublic())
                                        .build(
                                                new JcaContentSignerBuilder("SHA256withECDSA")
                                                        .build(keys.getPrivate())));
        return new SecureAgent(port, hostId, token, new Shown(keys, made), authority, "TLSv1.3");
    }

    /// SHA-256 of the authority that the broker showed.
    public String authorityFingerprint() throws GeneralSecurityException {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(authority.getEncoded()));
    }

    public Answer report() {
        return send(
                http,
                port,
                token,
                "POST",
                "/agent/v1/reports",
                Http.JSON.writeValueAsString(
                        new HostReport(
                                new UUID(1, 1),
                                1,
                                HarvestMode.OBSERVE,
                                new MemoryReport(1 << 30, 1 << 29, 0, 0, 0, 0, 0),
                                List.of(),
                                null,
                                null,
                                null)));
    }

    public Answer renew() {
        return send(
                http,
                port,
                token,
                "POST",
                "/agent/v1/certificates",
                Http.JSON.writeValueAsString(new CertificateRenewal(Requests.pem())));
    }

    public Answer get(String path) {
        return send(http, port, token, "GET", path, null);
    }

    private static Answer send(
            HttpClient http,
            int port,
            String token,
            String method,
            String path,
            @Nullable String body) {
        try {
            HttpResponse<String> response =
                    http.send(
                            HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                                    .timeout(Duration.ofSeconds(20))
                                    .header("Authorization", "Bearer " + token)
                                    .header("Content-Type", "application/json")
                                    .method(
                                            method,
                                            body == null
                                                    ? HttpRequest.BodyPublishers.noBody()
                                                    : HttpRequest.BodyPublishers.ofString(body))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            return new Answer(
                    response.statusCode(),
                    response.body().isEmpty()
                            ? Http.JSON.createObjectNode()
                            : Http.JSON.readTree(response.body()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static HttpClient client(
            @Nullable Shown shown, String protocol, AtomicReference<X509Certificate> authority)
            throws GeneralSecurityException, IOException {
        KeyManager[] keys = {};
        if (shown != null) {
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, NO_PASSWORD);
            own.setKeyEntry(
                    "host",
                    shown.keys().getPrivate(),
                    NO_PASSWORD,
                    new X509Certificate[] {shown.certificate()});
            KeyManagerFactory factory =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(own, NO_PASSWORD);
            keys = factory.getKeyManagers();
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[] {new Anybody(authority)}, null);
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {protocol});
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context)
                .sslParameters(parameters)
                .build();
    }

    /// Believes whoever answers, and notes the authority that it shows.
    private static final class Anybody extends X509ExtendedTrustManager {

        private final AtomicReference<X509Certificate> authority;

        Anybody(AtomicReference<X509Certificate> authority) {
            this.authority = authority;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            authority.set(chain[chain.length - 1]);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            authority.set(chain[chain.length - 1]);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            authority.set(chain[chain.length - 1]);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            throw new UnsupportedOperationException("an agent serves nobody");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new UnsupportedOperationException("an agent serves nobody");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException("an agent serves nobody");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
