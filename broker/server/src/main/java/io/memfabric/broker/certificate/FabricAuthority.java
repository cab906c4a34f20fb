package io.memfabric.broker.certificate;

import io.memfabric.broker.settings.BrokerSettings;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.IssuedCertificate;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
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
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.springframework.stereotype.Component;

/// Certifies that a key is that of a host. Its certificates live for a day, so none has to be called
/// back: a host that is no longer of the fabric is not given another.
@Component
public class FabricAuthority {

    private static final Duration LIFE = Duration.ofHours(24);

    /// A host whose clock is this much behind ours can use its certificate at once.
    private static final Duration EARLIER = Duration.ofMinutes(5);

    private static final int SERIAL_BITS = 127;
    private static final int FIELD_BITS = 256;

    private final AuthorityKey authority;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    FabricAuthority(BrokerSettings settings, InstantSource clock) {
        Path file = settings.dataDir().resolve("authority.pem");
        this.authority = AuthorityKey.loadOrMake(file, clock.instant());
        this.clock = clock;
    }

    /// Certifies the key of a request for a host. Whatever name the request has is ignored.
    ///
    /// @param requestPem PKCS#10, signed with a P-256 key
    public IssuedCertificate issue(UUID hostId, String requestPem) {
        PublicKey key = provenKey(requestPem);
        Instant now = clock.instant();
        try {
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            JcaX509v3CertificateBuilder builder =
                    new JcaX509v3CertificateBuilder(
                            authority.certificate(),
                            new BigInteger(SERIAL_BITS, random).setBit(0),
                            Date.from(now.minus(EARLIER)),
                            Date.from(now.plus(LIFE)),
                            new X500Principal("CN=" + hostId),
                            key);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage,
                    false,
                    new ExtendedKeyUsage(
                            new KeyPurposeId[] {
                                KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                            }));
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.dNSName, hostId.toString())));
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
            return new IssuedCertificate(
                    Pem.write("CERTIFICATE", issued.getEncoded()), authority.certificatePem());
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
