package io.memfabric.broker.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.memfabric.broker.settings.BrokerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.text.ParseException;
import org.springframework.stereotype.Component;

/// The key with which the broker signs tokens of its own: `signing-key.json` in the data directory,
/// made at the first start. Without it every signed token ends, and nothing else is lost.
@Component
class SigningKey {

    private final ECKey key;

    SigningKey(BrokerSettings settings) {
        Path file = settings.dataDir().resolve("signing-key.json");
        try {
            key = Files.exists(file) ? read(file) : make(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the signing key", e);
        }
    }

    ECKey key() {
        return key;
    }

    private static ECKey read(Path file) throws IOException {
        try {
            return ECKey.parse(Files.readString(file));
        } catch (ParseException e) {
            throw new IOException(file + " is not a key; remove it to have a new one made", e);
        }
    }

    private static ECKey make(Path file) throws IOException {
        try {
            ECKey made =
                    new ECKeyGenerator(Curve.P_256)
                            .keyUse(KeyUse.SIGNATURE)
                            .keyIDFromThumbprint(true)
                            .generate();
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path beside = file.resolveSibling("signing-key.json.new");
            Files.deleteIfExists(beside);
            Files.createFile(
                    beside,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            Files.writeString(beside, made.toJSONString() + "\n");
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
            return made;
        } catch (JOSEException e) {
            throw new IllegalStateException("this JDK makes no P-256 keys", e);
        }
    }
}
