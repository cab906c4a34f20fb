package io.memfabric.broker.database;

import io.memfabric.broker.policy.ledger.Overtaken;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/// Changes of the ledger: one transaction each, begun again where the database chose it as the
/// victim of a conflict (SQLSTATE 40001 or 40P01), where another change added the same thing first,
/// or where its own plan was overtaken.
@Component
public class Ledger {

    /// Whether changes on this thread are only tried: they run to their end and are taken back.
    public static final ScopedValue<Boolean> REHEARSAL = ScopedValue.newInstance();

    private static final int ATTEMPTS = 6;

    private final TransactionTemplate transactions;

    Ledger(PlatformTransactionManager manager) {
        this.transactions = new TransactionTemplate(manager);
    }

    /// Runs a change and answers what it answered.
    public <T> T change(Supplier<T> change) {
        for (int attempt = 1; ; attempt++) {
            try {
                return transactions.execute(
                        status -> {
                            T changed = change.get();
                            if (REHEARSAL.orElse(false)) {
                                status.setRollbackOnly();
                            }
                            return changed;
                        });
            } catch (PessimisticLockingFailureException | DuplicateKeyException | Overtaken e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                pause(attempt);
            }
        }
    }

    /// Runs a change that answers nothing.
    public void run(Runnable change) {
        change(
                () -> {
                    change.run();
                    return true;
                });
    }

    /// Does something once the transaction at hand is committed, or at once where there is none. It
    /// is not done where the connection ends at the COMMIT, even if that happened: whatever relies on
    /// it looks at the ledger from time to time too.
    public static void afterCommit(Runnable what) {
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            what.run();
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(
                new TransactionSynchronization() {
                    @Override
                    public void afterCommit() {
                        what.run();
                    }
                });
    }

    private static void pause(int attempt) {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(5L << attempt));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
