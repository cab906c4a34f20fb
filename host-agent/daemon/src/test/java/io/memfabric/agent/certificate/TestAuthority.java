package io.memfabric.agent.certificate;

import io.memfabric.agent.nbd.tls.DataSecurity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/// A fabric's authority for tests: it certifies what it is told to.
public final class TestAuthority {

    public static final Duration DAY = Duration.ofDays(1);

    private final KeyPair keys;
    private final X509Certificate certificate;

    public TestAuthority() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            keys = generator.generateKeyPair();
            X500Principal name = new X500Principal("CN=authority " + UUID.randomUUID());
            Instant now = Instant.now();
            certificate =
                    sign(
                            new JcaX509v3CertificateBuilder(
                                            name,
                                            BigInteger.ONE,
                                            Date.from(now.minus(Duration.ofDays(30))),
                                            Date.from(now.plus(Duration.ofDays(30))),
                                            name,
                                            keys.getPublic())
                                    .addExtension(
                                            Extension.basicConstraints,
                                            true,
                                            new BasicConstraints(0)));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private X509Certificate sign(X509v3CertificateBuilder builder)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(
                                new JcaContentSignerBuilder("SHA256withECDSA")
                                        .build(keys.getPrivate())));
    }

    private static JcaX509v3CertificateBuilder named(
            JcaX509v3CertificateBuilder builder, List<String> names) throws IOException {
        GeneralName[] all =
                names.stream()
                        .map(name -> new GeneralName(GeneralName.dNSName, name))
                        .toArray(GeneralName[]::new);
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(all));
        return builder;
    }

    /// The authority's certificate in PEM.
    public String pem() {
        try {
            return Pem.write("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Certifies the key of a request whose signature is right.
    public String certify(String requestPem, Instant from, Instant to, String... names) {
        try {
            JcaPKCS10CertificationRequest request =
                    new JcaPKCS10CertificationRequest(
                            Pem.read("CERTIFICATE REQUEST", requestPem).getFirst());
            PublicKey key = request.getPublicKey();
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw new IllegalArgumentException("not signed with its own key");
            }
            X509Certificate issued =
                    sign(
                            named(
                                    new JcaX509v3CertificateBuilder(
                                            certificate,
                                            BigInteger.TWO,
                                            Date.from(from),
                                            Date.from(to),
                                            new X500Principal("CN=" + names[0]),
                                            key),
                                    List.of(names)));
            return Pem.write("CERTIFICATE", issued.getEncoded());
        } catch (GeneralSecurityException
                | IOException
                | OperatorCreationException
                | PKCSException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The certificates of a host that holds one from `from` to `to` and whose clock says that this
    /// is now.
    public HostCertificates host(Path folder, UUID id, Instant from, Instant to)
            throws IOException {
        Path file = folder.resolve(UUID.randomUUID() + ".pem");
        HostCertificates certificates =
                HostCertificates.load(
                        file, () -> from.plus(Duration.between(from, to).dividedBy(2)));
        CertificateRequest request = certificates.request();
        certificates.accept(
                request, id, certify(request.pem(), from, to, id.toString(), "localhost"), pem());
        return certificates;
    }

    /// How a host with a good certificate secures its connections.
    public DataSecurity security(Path folder, UUID id) throws IOException {
        Instant now = Instant.now();
        return new DataSecurity.MutualTls(host(folder, id, now.minus(DAY), now.plus(DAY)));
    }

    /// What a broker of this authority shows, which believes anybody.
    public SSLContext broker() {
        Instant now = Instant.now();
        return stranger(now.minus(DAY), now.plus(DAY), "memfabric-broker");
    }

    /// What somebody shows who has a certificate of this authority and believes anybody.
    public SSLContext stranger(Instant from, Instant to) {
        return stranger(from, to, UUID.randomUUID().toString());
    }

    private SSLContext stranger(Instant from, Instant to, String name) {
        CertificateRequest request = CertificateRequest.make();
        try {
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, new char[0]);
            X509Certificate shown =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(
                                            new ByteArrayInputStream(
                                                    certify(request.pem(), from, to, name)
                                                            .getBytes(StandardCharsets.US_ASCII)));
            own.setKeyEntry(
                    "own",
                    request.keys().getPrivate(),
                    new char[0],
                    new Certificate[] {shown, certificate});
            KeyManagerFactory keys =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, new char[0]);
            return trusting(keys.getKeyManagers());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What somebody shows who has no certificate and believes anybody.
    public static SSLContext nobody() {
        return trusting(new KeyManager[0]);
    }

    private static SSLContext trusting(KeyManager[] keys) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {new Gullible()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Gullible extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /// A folder as GnuTLS' clients want it, with a certificate for any host.
    public Path clientFolder(Path folder) throws IOException {
        Instant now = Instant.now();
        CertificateRequest request = CertificateRequest.make();
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("ca-cert.pem"), pem());
        Files.writeString(
                folder.resolve("client-cert.pem"),
                certify(
                        request.pem(),
                        now.minus(DAY),
                        now.plus(DAY),
                        UUID.randomUUID().toString()));
        Files.writeString(
                folder.resolve("client-key.pem"),
                Pem.write("EC PRIVATE KEY", withPublicKey(request.keys())),
                StandardCharsets.US_ASCII);
        return folder;
    }

    /// The form of a key that GnuTLS reads: PKCS#8 without the public key, as the JDK writes it, is
    /// not enough for it.
    private static byte[] withPublicKey(KeyPair keys) throws IOException {
        SubjectPublicKeyInfo info = SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded());
        return new org.bouncycastle.asn1.sec.ECPrivateKey(
                        256,
                        ((ECPrivateKey) keys.getPrivate()).getS(),
                        info.getPublicKeyData(),
                        info.getAlgorithm().getParameters())
                .getEncoded();
    }

    /// A broker's answer to a request, as JSON.
    public String answer(String requestPem, UUID host) {
        Instant now = Instant.now();
        return "{\"hostPem\":\"%s\",\"authorityPem\":\"%s\"}"
                .formatted(
                        escape(certify(requestPem, now.minus(DAY), now.plus(DAY), host.toString())),
                        escape(pem()));
    }

    private static String escape(String text) {
        return Stream.of(text.split("\n")).map(line -> line + "\\n").reduce("", String::concat);
    }
}
