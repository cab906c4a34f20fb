package io.memfabric.broker.certificate;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The authority's key and its self-signed certificate, in one file that only its owner can read.
/// A file that is there and cannot be used stops the start: another key would cut every host off
/// from every other.
record AuthorityKey(PrivateKey key, X509Certificate certificate) {

    static final String SIGNATURE = "SHA256withECDSA";

    private static final Logger LOG = LoggerFactory.getLogger(AuthorityKey.class);
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");
    private static final Duration LIFE = Duration.ofDays(3653);
    private static final Duration EARLIER = Duration.ofDays(1);
    private static final int SERIAL_BITS = 127;

    static AuthorityKey loadOrMake(Path file, Instant now) {
        try {
            if (Files.exists(file)) {
                return load(file);
            }
            AuthorityKey made = make(now);
            made.store(file);
            LOG.info("wrote the key of a new fabric authority to {}", file);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException("authority_unreadable: " + file, e);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("authority_unreadable: " + file, e);
        }
    }

    private static AuthorityKey load(Path file) throws IOException, GeneralSecurityException {
        if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
            throw new IOException(file + " can be read by others than its owner");
        }
        String text = Files.readString(file);
        PrivateKey key =
                KeyFactory.getInstance("EC")
                        .generatePrivate(new PKCS8EncodedKeySpec(Pem.read("PRIVATE KEY", text)));
        X509Certificate certificate =
                (X509Certificate)
                        CertificateFactory.getInstance("X.509")
                                .generateCertificate(
                                        new ByteArrayInputStream(Pem.read("CERTIFICATE", text)));
        return new AuthorityKey(key, certificate);
    }

    private static AuthorityKey make(Instant now)
            throws GeneralSecurityException, OperatorCreationException, IOException {
        KeyPair keys = newKeys();
        BigInteger serial = new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(0);
        // A name of its own: a host that meets two authorities must not take one for the other.
        X500Principal name =
                new X500Principal("CN=memfabric authority " + serial.toString(36).substring(0, 8));
        JcaX509v3CertificateBuilder builder =
                new JcaX509v3CertificateBuilder(
                        name,
                        serial,
                        Date.from(now.minus(EARLIER)),
                        Date.from(now.plus(LIFE)),
                        name,
                        keys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
        builder.addExtension(
                Extension.subjectKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
        return new AuthorityKey(
                keys.getPrivate(),
                new JcaX509CertificateConverter()
                        .getCertificate(
                                builder.build(
                                        new JcaContentSignerBuilder(SIGNATURE)
                                                .build(keys.getPrivate()))));
    }

    static KeyPair newKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private void store(Path file) throws IOException, GeneralSecurityException {
        String text = Pem.write("PRIVATE KEY", key.getEncoded()) + certificatePem();
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.deleteIfExists(fresh);
        try (FileChannel out =
                FileChannel.open(
                        fresh,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
            ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /// SHA-256 of its certificate: its fingerprint.
    byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    String certificatePem() throws IOException, GeneralSecurityException {
        return Pem.write("CERTIFICATE", certificate.getEncoded());
    }

    /// Not the key.
    @Override
    public String toString() {
        return "AuthorityKey[" + certificate.getSubjectX500Principal() + "]";
    }
}
