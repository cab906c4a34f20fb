package io.memfabric.broker.recovery;

import io.memfabric.broker.settings.BrokerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// How far the database had come when this broker last looked, in a file that is not part of it. A
/// database that has come less far is an older copy, or a follower that was promoted too early.
///
/// The position is PostgreSQL's flushed WAL location in bytes; it only grows in one life of a
/// database (PostgreSQL documentation, pg_lsn).
@Component
class LedgerPosition implements SmartInitializingSingleton {

    private static final System.Logger LOG = System.getLogger(LedgerPosition.class.getName());

    private final JdbcClient jdbc;
    private final Recovery recovery;
    private final Path file;
    private long last;

    LedgerPosition(JdbcClient jdbc, Recovery recovery, BrokerSettings settings) {
        this.jdbc = jdbc;
        this.recovery = recovery;
        this.file = settings.dataDir().resolve("ledger-position");
    }

    @Override
    public void afterSingletonsInstantiated() {
        try {
            last = Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : 0;
        } catch (IOException | NumberFormatException e) {
            LOG.log(Level.WARNING, "cannot read {0}: {1}", file, e.getMessage());
        }
        look();
    }

    @Scheduled(fixedDelayString = "PT2S", initialDelayString = "PT2S")
    synchronized void look() {
        long now = now();
        if (now < last) {
            recovery.begin(
                    "The database is at position %d and was seen at %d.".formatted(now, last));
        }
        if (now != last) {
            store(now);
            last = now;
        }
    }

    private long now() {
        return jdbc.sql("select (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint")
                .query(Long.class)
                .single();
    }

    private void store(long position) {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(fresh, position + "\n");
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
