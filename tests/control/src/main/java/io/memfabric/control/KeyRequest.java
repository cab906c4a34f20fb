package io.memfabric.control;

import java.io.IOException;
import java.io.StringWriter;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/// A certificate request of a key that nobody keeps.
final class KeyRequest {

    private static final String PEM = make();

    private KeyRequest() {}

    static String pem() {
        return PEM;
    }

    private static String make() {
        StringWriter text = new StringWriter();
        try (PemWriter pem = new PemWriter(text)) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            KeyPair keys = generator.generateKeyPair();
            pem.writeObject(
                    new PemObject(
                            "CERTIFICATE REQUEST",
                            new JcaPKCS10CertificationRequestBuilder(
                                            new X500Principal("CN=simulated"), keys.getPublic())
                                    .build(
                                            new JcaContentSignerBuilder("SHA256withECDSA")
                                                    .build(keys.getPrivate()))
                                    .getEncoded()));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }
}
