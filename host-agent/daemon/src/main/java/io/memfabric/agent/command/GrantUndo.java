package io.memfabric.agent.command;

import io.memfabric.agent.guest.GuestSilentException;
import io.memfabric.agent.hypervisor.AttachedDisk;
import io.memfabric.agent.hypervisor.HypervisorException;
import io.memfabric.contract.guest.GuestFrame.Reply;
import io.memfabric.contract.vocabulary.AttachMode;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Takes a grant's device back: swapped off and confirmed, then detached and confirmed, then closed.
/// Each step happens only after proof of the one before.
final class GrantUndo {

    private static final System.Logger LOG = System.getLogger(GrantUndo.class.getName());

    private final Conversations talk;
    private final GuestSwap swap;

    GrantUndo(Conversations talk) {
        this.talk = talk;
        this.swap = new GuestSwap(talk.guests(), talk.patience());
    }

    /// Why a device could not be taken back; it works on as it did.
    record Obstacle(String code, String detail) {}

    /// Tries once.
    ///
    /// @param maySwap whether the guest may swap on it
    /// @return what was in the way, or empty where the grant is gone from this host
    Optional<Obstacle> tryOnce(HeldGrant grant, boolean maySwap) throws InterruptedException {
        try {
            if (!talk.presence().isGone(grant.vmId()) && hasDisk(grant)) {
                if (maySwap && grant.mode() == AttachMode.SWAP) {
                    Reply reply = swap.off(grant.vmId(), grant.serial());
                    if (!GuestSwap.confirmsOff(reply)) {
                        return Optional.of(
                                new Obstacle(Codes.GUEST_REFUSED, GuestSwap.words(reply)));
                    }
                    long writes = writesWhileQuiet(grant);
                    if (writes > 0) {
                        return Optional.of(
                                new Obstacle(
                                        Codes.GUEST_STILL_WRITES,
                                        "the guest says that it swaps no more on it, and wrote "
                                                + writes
                                                + " times since"));
                    }
                }
                talk.hypervisor().detachDisk(grant.vmId(), grant.serial());
            }
        } catch (GuestSilentException e) {
            if (!talk.presence().isGone(grant.vmId())) {
                return Optional.of(
                        new Obstacle(Codes.GUEST_SILENT, String.valueOf(e.getMessage())));
            }
        } catch (HypervisorException e) {
            if (!talk.presence().isGone(grant.vmId())) {
                return Optional.of(new Obstacle(e.code(), String.valueOf(e.getMessage())));
            }
        }
        talk.borrowing().close(grant.grantId());
        talk.grants().remove(grant.grantId());
        return Optional.empty();
    }

    /// What a guest says of its swap is a hint: the writes that arrive here are not.
    private long writesWhileQuiet(HeldGrant grant) throws InterruptedException {
        long before = talk.borrowing().writesTo(grant.grantId());
        Thread.sleep(talk.patience().quiet());
        return talk.borrowing().writesTo(grant.grantId()) - before;
    }

    /// Tries until it is done, however long that takes: an answer before would not be true. Ends
    /// otherwise only with the agent.
    void untilDone(HeldGrant grant, boolean maySwap) throws InterruptedException {
        Duration pause = talk.patience().retry();
        for (Optional<Obstacle> obstacle = tryOnce(grant, maySwap);
                obstacle.isPresent();
                obstacle = tryOnce(grant, maySwap)) {
            LOG.log(
                    Level.WARNING,
                    "grant {0} cannot be taken back yet: {1}: {2}",
                    grant.grantId(),
                    obstacle.get().code(),
                    obstacle.get().detail());
            Thread.sleep(pause);
            Duration longer = pause.multipliedBy(2);
            pause =
                    longer.compareTo(talk.patience().retryMost()) < 0
                            ? longer
                            : talk.patience().retryMost();
        }
    }

    /// Whether the running VM has the grant's device.
    boolean hasDisk(HeldGrant grant) throws HypervisorException {
        try {
            List<AttachedDisk> disks = talk.hypervisor().disks(grant.vmId());
            return disks.stream().anyMatch(disk -> disk.serial().equals(grant.serial()));
        } catch (HypervisorException e) {
            if (e.code().equals(HypervisorException.VM_NOT_FOUND)
                    && talk.presence().isGone(grant.vmId())) {
                return false;
            }
            throw e;
        }
    }
}
