package io.memfabric.agent.certificate;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.memfabric.agent.nbd.tls.Credentials;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// The certificate in force, in memory and in a file of the state folder. A new one holds for the
/// next connection; those that are open go on.
public final class HostCertificates implements Credentials {

    private static final System.Logger LOG = System.getLogger(HostCertificates.class.getName());
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");

    private record InForce(HostCertificate certificate, SSLContext context) {}

    private final Path file;
    private final InstantSource clock;
    private final AtomicReference<@Nullable InForce> inForce = new AtomicReference<>();

    private HostCertificates(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
    }

    /// Reads the certificate, if the host has one.
    ///
    /// @throws IOException where there is one that cannot be trusted or read
    public static HostCertificates load(Path file, InstantSource clock) throws IOException {
        HostCertificates certificates = new HostCertificates(file, clock);
        if (Files.exists(file)) {
            if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
                throw new IOException(file + " can be read by others than its owner");
            }
            HostCertificate kept = HostCertificate.parse(Files.readString(file));
            certificates.inForce.set(new InForce(kept, kept.context()));
            if (!kept.isValidAt(clock.instant())) {
                LOG.log(
                        Level.WARNING,
                        "certificate_expired: the certificate held from {0} to {1}; a new one is"
                                + " asked for",
                        kept.notBefore(),
                        kept.notAfter());
            }
        }
        return certificates;
    }

    @Override
    public Optional<SSLContext> context() {
        InForce now = inForce.get();
        return now != null && now.certificate().isValidAt(clock.instant())
                ? Optional.of(now.context())
                : Optional.empty();
    }

    /// A context to call somebody with: it shows this host's certificate, as long as one holds, and
    /// believes whom `trust` believes.
    public SSLContext clientContext(X509TrustManager trust) throws IOException {
        InForce now = inForce.get();
        return HostCertificate.context(
                now != null && now.certificate().isValidAt(clock.instant())
                        ? now.certificate().keyManagers()
                        : new KeyManager[0],
                new TrustManager[] {trust});
    }

    /// When the next one should be asked for: at once, if that has passed or there is none for this
    /// host.
    public Instant renewAt(UUID hostId) {
        InForce now = inForce.get();
        return now != null && now.certificate().isFor(hostId)
                ? now.certificate().renewAt()
                : Instant.MIN;
    }

    /// Makes a key and the request that the broker is to certify.
    public CertificateRequest request() {
        return CertificateRequest.make();
    }

    /// Puts the broker's answer to a request in force, if this host can use it, and keeps it.
    public void accept(
            CertificateRequest request, UUID hostId, String certificate, String authority)
            throws IOException {
        HostCertificate fresh =
                HostCertificate.parse(request.keys().getPrivate(), certificate, authority);
        fresh.check(hostId, (ECPublicKey) request.keys().getPublic(), clock.instant());
        SSLContext context = fresh.context();
        InForce before = inForce.get();
        if (before != null && !before.certificate().authority().equals(fresh.authority())) {
            LOG.log(
                    Level.WARNING,
                    "authority_changed: hosts with certificates of the authority before cannot be"
                            + " reached until they have new ones");
        }
        store(fresh.pem());
        inForce.set(new InForce(fresh, context));
        LOG.log(Level.INFO, "this host has a certificate until {0}", fresh.notAfter());
    }

    /// Writes the file: complete and readable by its owner only, or not at all.
    private void store(String pem) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try (FileChannel out =
                FileChannel.open(
                        fresh,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
            ByteBuffer bytes = ByteBuffer.wrap(pem.getBytes(UTF_8));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
