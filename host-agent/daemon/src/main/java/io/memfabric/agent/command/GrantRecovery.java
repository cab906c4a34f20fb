package io.memfabric.agent.command;

import io.memfabric.agent.borrowing.Borrowing;
import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.GrantStop;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Opens the devices of grants that an earlier agent left held. Their VMs run on and wait: each grant
/// has a thread of its own, so that none waits for another's lender.
public final class GrantRecovery implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(GrantRecovery.class.getName());
    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    /// What a lender that restarts or cannot be reached looks like, or one that waits for a new
    /// certificate, as we may; all else does not mend itself.
    private static final List<String> PASSING =
            List.of(
                    "leg_unreachable",
                    "tls_required",
                    "tls_unavailable",
                    "tls_failed",
                    "wrong_host",
                    "authority_unknown",
                    "certificate_missing",
                    "certificate_expired",
                    "certificate_not_yet_valid",
                    "certificate_refused");

    private final Borrowing borrowing;
    private final HeldGrants grants;
    private final List<Thread> threads = new ArrayList<>();
    private final Map<UUID, GrantStop> stopped = new ConcurrentHashMap<>();
    private final Map<UUID, String> waitingFor = new ConcurrentHashMap<>();

    public GrantRecovery(Borrowing borrowing, HeldGrants grants) {
        this.borrowing = borrowing;
        this.grants = grants;
    }

    /// Begins with all of them and waits until each was tried once, at most so long. The others are
    /// tried further.
    public void begin(Duration wait) {
        List<HeldGrant> held = grants.all();
        CountDownLatch tried = new CountDownLatch(held.size());
        for (HeldGrant grant : held) {
            threads.add(
                    Thread.ofPlatform()
                            .daemon()
                            .name("recovery-" + grant.grantId())
                            .start(() -> recover(grant, tried)));
        }
        try {
            if (!tried.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(Level.INFO, "{0} grants still wait for a lender", tried.getCount());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Why a grant was given up, with a code such as `metadata_missing`. Its VM waits for a server that
    /// does not answer and is paused by QEMU.
    public Optional<GrantStop> stopOf(UUID grantId) {
        return Optional.ofNullable(stopped.get(grantId));
    }

    private void recover(HeldGrant grant, CountDownLatch tried) {
        try {
            AttachGrant plan = grant.plan();
            if (plan == null) {
                stop(grant, Codes.DATA_PATH_LOST, "the earlier agent wrote down no plan of it");
                return;
            }
            Duration pause = FIRST_PAUSE;
            while (!resume(plan)) {
                tried.countDown();
                Thread.sleep(pause);
                pause = longer(pause);
                if (!isHeld(grant)) {
                    return;
                }
            }
            if (!isHeld(grant)) {
                borrowing.close(grant.grantId());
            }
        } catch (BorrowingException e) {
            stop(grant, e.code(), String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "recovering grant " + grant.grantId(), e);
            stop(grant, Codes.INTERNAL_ERROR, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            tried.countDown();
        }
    }

    /// Whether nobody took it back meanwhile.
    private boolean isHeld(HeldGrant grant) {
        return grants.find(grant.grantId()).filter(now -> now.epoch() == grant.epoch()).isPresent();
    }

    private boolean resume(AttachGrant plan) throws BorrowingException {
        try {
            borrowing.resume(plan);
            LOG.log(Level.INFO, "grant {0} is served again", plan.grantId());
            return true;
        } catch (BorrowingException e) {
            if (!PASSING.contains(e.code())) {
                throw e;
            }
            boolean isTold = e.code().equals(waitingFor.put(plan.grantId(), e.code()));
            LOG.log(
                    isTold ? Level.DEBUG : Level.INFO,
                    "grant {0} waits: {1}: {2}",
                    plan.grantId(),
                    e.code(),
                    e.getMessage());
            return false;
        }
    }

    private void stop(HeldGrant grant, String code, String detail) {
        stopped.put(grant.grantId(), new GrantStop(code, detail));
        LOG.log(
                Level.ERROR,
                "grant {0} of VM {1} stops: {2}: {3}",
                grant.grantId(),
                grant.vmId(),
                code,
                detail);
    }

    private static Duration longer(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }

    /// Gives up what is not recovered yet; it stays held.
    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
    }
}
