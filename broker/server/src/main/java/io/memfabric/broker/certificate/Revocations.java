package io.memfabric.broker.certificate;

import io.memfabric.broker.database.Ledger;
import java.lang.System.Logger.Level;
import java.math.BigInteger;
import java.sql.Timestamp;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import org.springframework.transaction.CannotCreateTransactionException;

/// The serial numbers that are refused before their certificates end. Every broker reads them every
/// two seconds and holds each request against them, so a connection that is open ends with its
/// certificate.
@Service
public class Revocations {

    private static final System.Logger LOG = System.getLogger(Revocations.class.getName());

    private final JdbcClient jdbc;
    private final InstantSource clock;
    private volatile Set<BigInteger> revoked = Set.of();

    Revocations(JdbcClient jdbc, InstantSource clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    boolean isRevoked(BigInteger serial) {
        return revoked.contains(serial);
    }

    /// Revokes every certificate that a host has, in the transaction at hand. This broker refuses
    /// them from its commit on.
    public void revokeAll(UUID hostId) {
        List<BigInteger> serials =
                jdbc.sql(
                                "update issued_certificates set revoked_at = ?"
                                        + " where host_id = ? and revoked_at is null"
                                        + " returning serial")
                        .params(Timestamp.from(clock.instant()), hostId)
                        .query((row, _) -> new BigInteger(row.getBytes(1)))
                        .list();
        Ledger.afterCommit(() -> refuse(serials));
    }

    private synchronized void refuse(List<BigInteger> serials) {
        Set<BigInteger> more = new HashSet<>(revoked);
        more.addAll(serials);
        revoked = Set.copyOf(more);
    }

    @Scheduled(fixedDelayString = "PT2S")
    synchronized void look() {
        try {
            Set<BigInteger> now = new HashSet<>();
            jdbc.sql(
                            "select serial from issued_certificates"
                                    + " where revoked_at is not null and ends_at > ?")
                    .param(Timestamp.from(clock.instant()))
                    .query((row, _) -> new BigInteger(row.getBytes(1)))
                    .list()
                    .forEach(now::add);
            revoked = Set.copyOf(now);
        } catch (DataAccessException | CannotCreateTransactionException e) {
            // What was refused stays refused.
            LOG.log(Level.DEBUG, "revocations cannot be read now", e);
        }
    }

    @Scheduled(fixedDelayString = "PT1H", initialDelayString = "PT1M")
    void forgetEnded() {
        jdbc.sql("delete from issued_certificates where ends_at < ?")
                .param(Timestamp.from(clock.instant()))
                .update();
    }
}
