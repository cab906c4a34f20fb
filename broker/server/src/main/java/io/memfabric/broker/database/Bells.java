package io.memfabric.broker.database;

import io.memfabric.broker.settings.BrokerSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/// Wakes requests that wait for the ledger to change. A bell carries no news: whoever wakes reads
/// the ledger.
@Component
public class Bells {

    /// The channel on which brokers of one ledger ring for each other.
    static final String CHANNEL = "memfabric_bells";

    private final ConcurrentHashMap<String, CompletableFuture<Void>> waiting =
            new ConcurrentHashMap<>();
    private final JdbcClient jdbc;
    private final boolean shared;
    private volatile boolean closed;

    Bells(JdbcClient jdbc, BrokerSettings settings) {
        this.jdbc = jdbc;
        this.shared = settings.isLedgerShared();
    }

    /// Rings when the transaction at hand is committed, or never.
    public void ringAfterCommit(Object bell) {
        if (shared) {
            jdbc.sql("select pg_notify(?, ?)")
                    .params(CHANNEL, bell.toString())
                    .query((row, _) -> row.getRow())
                    .list();
        }
        TransactionSynchronizationManager.registerSynchronization(
                new TransactionSynchronization() {
                    @Override
                    public void afterCommit() {
                        ring(bell.toString());
                    }
                });
    }

    /// Answers what `look` finds, looking again at every ring, until something is found, the time is
    /// over or the broker stops.
    public <T> Optional<T> await(Object bell, Duration limit, Supplier<Optional<T>> look) {
        long deadline = System.nanoTime() + limit.toNanos();
        for (; ; ) {
            CompletableFuture<Void> ring =
                    waiting.computeIfAbsent(bell.toString(), _ -> new CompletableFuture<>());
            Optional<T> found = look.get();
            long left = deadline - System.nanoTime();
            if (found.isPresent() || left <= 0 || closed) {
                return found;
            }
            try {
                ring.get(left, TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                return look.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return found;
            }
        }
    }

    /// Whether the broker is about to stop.
    public boolean isClosed() {
        return closed;
    }

    void ring(String bell) {
        CompletableFuture<Void> ring = waiting.remove(bell);
        if (ring != null) {
            ring.complete(null);
        }
    }

    /// Lets everybody go at once, so that a graceful stop does not wait for those who wait.
    @EventListener(ContextClosedEvent.class)
    void close() {
        closed = true;
        ringAll();
    }

    void ringAll() {
        waiting.keySet().forEach(this::ring);
    }
}
