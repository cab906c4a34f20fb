package io.memfabric.benchmark;

import io.memfabric.agent.nbd.tls.DataSecurity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// The key and certificate that all hosts of a run share, of the kind that the fabric gives out.
final class TlsKey {

    private static final String PASSWORD = "benchmark";

    private TlsKey() {}

    /// Makes one for hosts of this name.
    static void make(Path file, String name) throws IOException, InterruptedException {
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        var _ =
                Tools.run(
                        List.of(
                                keytool,
                                "-genkeypair",
                                "-alias",
                                "host",
                                "-keyalg",
                                "EC",
                                "-groupname",
                                "secp256r1",
                                "-dname",
                                "CN=" + name,
                                "-ext",
                                "san=dns:" + name,
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                file.toString(),
                                "-storepass",
                                PASSWORD));
    }

    /// How hosts with this key meet.
    static DataSecurity security(Path file) throws IOException {
        char[] password = PASSWORD.toCharArray();
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(in, password);
            KeyManagerFactory keys =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, password);
            KeyStore believed = KeyStore.getInstance("PKCS12");
            believed.load(null, password);
            believed.setCertificateEntry("host", own.getCertificate("host"));
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(believed);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return new DataSecurity.MutualTls(() -> Optional.of(context));
        } catch (GeneralSecurityException e) {
            throw new IOException("the run's TLS key", e);
        }
    }
}
