package io.memfabric.broker.certificate;

import io.memfabric.broker.access.FabricPin;
import io.memfabric.broker.settings.BrokerSettings;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.IssuedCertificate;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Certifies that a key is that of a host. Its certificates live for a day, and one that is
/// to end before is revoked: the ledger knows the serial number of each.
@Component
public class FabricAuthority implements FabricPin {

    private static final Duration LIFE = Duration.ofHours(24);

    /// A host whose clock is this much behind ours can use its certificate at once.
    private static final Duration EARLIER = Duration.ofMinutes(5);

    /// The name that a broker's certificate has, wherever it runs.
    private static final String BROKER = "memfabric-broker";

    private static final int SERIAL_BITS = 127;
    private static final int FIELD_BITS = 256;

    private final AuthorityKey authority;
    private final JdbcClient jdbc;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    FabricAuthority(BrokerSettings settings, JdbcClient jdbc, InstantSource clock) {
        Path named = settings.authorityFile();
        Path file = named == null ? settings.dataDir().resolve("authority.pem") : named;
        this.authority = AuthorityKey.loadOrMake(file, clock.instant());
        this.jdbc = jdbc;
        this.clock = clock;
        agree(file);
    }

    /// Brokers with different authorities on one ledger would cut hosts off from each other.
    private void agree(Path file) {
        byte[] hash = authority.hash();
        jdbc.sql("update ledger_identity set authority_hash = ? where authority_hash is null")
                .param(hash)
                .update();
        byte[] known =
                jdbc.sql("select authority_hash from ledger_identity")
                        .query((row, _) -> row.getBytes(1))
                        .single();
        if (!Arrays.equals(hash, known)) {
            throw new IllegalStateException(
                    "authority_differs: the ledger belongs to another authority than that of "
                            + file
                            + "; give every broker the same memfabric.authority-file");
        }
    }

    /// Certifies the key of a request for a host. Whatever name the request has is ignored.
    ///
    /// @param requestPem PKCS#10, signed with a P-256 key
    public IssuedCertificate issue(UUID hostId, String requestPem) {
        Instant end = clock.instant().plus(LIFE);
        X509Certificate issued =
                sign(
                        hostId.toString(),
                        provenKey(requestPem),
                        end,
                        KeyPurposeId.id_kp_serverAuth,
                        KeyPurposeId.id_kp_clientAuth);
        jdbc.sql("insert into issued_certificates (serial, host_id, ends_at) values (?, ?, ?)")
                .params(issued.getSerialNumber().toByteArray(), hostId, Timestamp.from(end))
                .update();
        try {
            return new IssuedCertificate(
                    Pem.write("CERTIFICATE", issued.getEncoded()), authority.certificatePem());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("cannot issue a certificate", e);
        }
    }

    /// The fingerprint of the authority: SHA-256 of its certificate, in hexadecimal.
    @Override
    public String fingerprint() {
        return HexFormat.of().formatHex(authority.hash());
    }

    X509Certificate certificate() {
        return authority.certificate();
    }

    /// What a broker shows its agents: a key that is made for this process and is nowhere else, with
    /// a certificate that names the broker and cannot pass for a host's.
    ///
    /// @param chain the broker's certificate, then the authority's
    record BrokerIdentity(PrivateKey key, List<X509Certificate> chain) {}

    BrokerIdentity brokerIdentity() {
        try {
            KeyPair keys = AuthorityKey.newKeys();
            Instant end = authority.certificate().getNotAfter().toInstant();
            X509Certificate own =
                    sign(BROKER, keys.getPublic(), end, KeyPurposeId.id_kp_serverAuth);
            return new BrokerIdentity(keys.getPrivate(), List.of(own, authority.certificate()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot make the broker's certificate", e);
        }
    }

    private X509Certificate sign(
            String name, PublicKey key, Instant end, KeyPurposeId... purposes) {
        try {
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            JcaX509v3CertificateBuilder builder =
                    new JcaX509v3CertificateBuilder(
                            authority.certificate(),
                            new BigInteger(SERIAL_BITS, random).setBit(0),
                            Date.from(clock.instant().minus(EARLIER)),
                            Date.from(end),
                            new X500Principal("CN=" + name),
                            key);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    extensions.createSubjectKeyIdentifier(key));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    extensions.createAuthorityKeyIdentifier(authority.certificate()));
            X509CertificateHolder issued =
                    builder.build(
                            new JcaContentSignerBuilder(AuthorityKey.SIGNATURE)
                                    .build(authority.key()));
            return new JcaX509CertificateConverter().getCertificate(issued);
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("cannot issue a certificate", e);
        }
    }

    /// The key of a request whose sender has shown to have the private one.
    private static PublicKey provenKey(String requestPem) {
        try {
            JcaPKCS10CertificationRequest request =
                    new JcaPKCS10CertificationRequest(Pem.read("CERTIFICATE REQUEST", requestPem));
            PublicKey key = request.getPublicKey();
            if (!(key instanceof ECPublicKey ec)
                    || ec.getParams().getCurve().getField().getFieldSize() != FIELD_BITS) {
                throw invalid("The key must be one on the curve P-256.");
            }
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw invalid("The request is not signed with its own key.");
            }
            return key;
        } catch (IOException
                | GeneralSecurityException
                | OperatorCreationException
                | PKCSException
                | IllegalArgumentException e) {
            throw invalid("That is not a certificate request.");
        }
    }

    private static Problem invalid(String detail) {
        return new Problem(ProblemCode.INVALID_CERTIFICATE_REQUEST, detail);
    }
}
