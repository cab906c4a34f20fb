package io.memfabric.broker.access;

import io.memfabric.broker.settings.BrokerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.stereotype.Component;

/// Sees to it that the file `admin-token` in the data directory holds a valid API token. Who can
/// read that file owns the broker anyway, so a lost file is simply written anew, with a new token.
/// It is there before the first request is.
@Component
class AdminToken implements SmartInitializingSingleton {

    private static final Logger LOG = LoggerFactory.getLogger(AdminToken.class);

    private final Access access;
    private final Path dataDir;
    private final boolean shared;

    AdminToken(Access access, BrokerSettings settings) {
        this.access = access;
        this.dataDir = settings.dataDir();
        this.shared = settings.isLedgerShared();
    }

    @Override
    public void afterSingletonsInstantiated() {
        try {
            write();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the admin's token", e);
        }
    }

    private void write() throws IOException {
        Path file = dataDir.resolve("admin-token");
        if (Files.exists(file) && access.hasApiToken(Files.readString(file).strip())) {
            return;
        }
        if (shared && !Files.exists(file) && access.hasAdminToken("admin")) {
            LOG.info("the API token of this ledger is where the first broker on it wrote it");
            return;
        }
        String token = access.issueAdminToken("admin");
        Files.createDirectories(dataDir);
        Path beside = dataDir.resolve("admin-token.new");
        Files.deleteIfExists(beside);
        Files.createFile(
                beside,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(beside, token + "\n");
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        LOG.info("wrote a new API token to {}", file);
    }
}
