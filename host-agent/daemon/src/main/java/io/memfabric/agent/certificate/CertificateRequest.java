package io.memfabric.agent.certificate;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;

/// A new key and the request to certify it, PKCS#10 (RFC 2986), signed with that key. The request
/// names nobody: the broker knows who asks and writes the name itself.
///
/// @param pem the request, for the broker
public record CertificateRequest(KeyPair keys, String pem) {

    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int SEQUENCE = 0x30;
    private static final int ATTRIBUTES = 0xa0;

    /// `ecdsa-with-SHA256`, 1.2.840.10045.4.3.2
    private static final byte[] ECDSA_WITH_SHA256 = {
        0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x04, 0x03, 0x02
    };

    private static final byte[] NO_BYTES = {};

    /// Makes a key and the request for it.
    static CertificateRequest make() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair keys = generator.generateKeyPair();
            byte[] info =
                    der(
                            SEQUENCE,
                            der(INTEGER, new byte[] {0}),
                            der(SEQUENCE, NO_BYTES),
                            keys.getPublic().getEncoded(),
                            der(ATTRIBUTES, NO_BYTES));
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(info);
            byte[] request =
                    der(
                            SEQUENCE,
                            info,
                            der(SEQUENCE, ECDSA_WITH_SHA256),
                            der(BIT_STRING, new byte[] {0}, signature.sign()));
            return new CertificateRequest(keys, Pem.write("CERTIFICATE REQUEST", request));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256 and SHA-256", e);
        }
    }

    /// A tag, a length of less than 256, and the value.
    private static byte[] der(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] head =
                length < 0x80
                        ? new byte[] {(byte) tag, (byte) length}
                        : new byte[] {(byte) tag, (byte) 0x81, (byte) length};
        byte[] value = new byte[head.length + length];
        System.arraycopy(head, 0, value, 0, head.length);
        int at = head.length;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, value, at, part.length);
            at += part.length;
        }
        return value;
    }

    /// Not the key.
    @Override
    public String toString() {
        return "CertificateRequest[" + pem.getBytes(UTF_8).length + " bytes]";
    }
}
