package io.memfabric.broker.certificate;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/// Binary objects between lines that name them (RFC 7468).
final class Pem {

    private Pem() {}

    static String write(String label, byte[] bytes) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter pem = new PemWriter(text)) {
            pem.writeObject(new PemObject(label, bytes));
        }
        return text.toString();
    }

    /// The first object of that name.
    ///
    /// @throws IOException where there is none
    static byte[] read(String label, String text) throws IOException {
        try (PemReader pem = new PemReader(new StringReader(text))) {
            for (PemObject next = pem.readPemObject(); next != null; next = pem.readPemObject()) {
                if (next.getType().equals(label)) {
                    return next.getContent();
                }
            }
        }
        throw new IOException("no " + label);
    }
}
