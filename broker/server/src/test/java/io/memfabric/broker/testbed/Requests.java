package io.memfabric.broker.testbed;

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

/// Certificate requests, right and wrong ones.
public final class Requests {

    private Requests() {}

    public static KeyPair keys(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String pem() {
        KeyPair keys = keys("EC", 256);
        return pem(keys, keys, "SHA256withECDSA");
    }

    /// A request for one key, signed with another.
    public static String pem(KeyPair asked, KeyPair signing, String algorithm) {
        StringWriter text = new StringWriter();
        try (PemWriter pem = new PemWriter(text)) {
            byte[] request =
                    new JcaPKCS10CertificationRequestBuilder(
                                    new X500Principal("CN=somebody else"), asked.getPublic())
                            .build(
                                    new JcaContentSignerBuilder(algorithm)
                                            .build(signing.getPrivate()))
                            .getEncoded();
            pem.writeObject(new PemObject("CERTIFICATE REQUEST", request));
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }
}
