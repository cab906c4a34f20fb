package io.memfabric.agent.command;

import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.ExportedDisk;
import io.memfabric.agent.command.HeldGrant.Phase;
import io.memfabric.agent.guest.GuestSilentException;
import io.memfabric.agent.hypervisor.DiskToAttach;
import io.memfabric.agent.hypervisor.HypervisorException;
import io.memfabric.agent.hypervisor.VirtualMachine;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.guest.GuestFrame.Reply;
import io.memfabric.contract.guest.GuestFrame.ReplyCode;
import io.memfabric.contract.vocabulary.AttachMode;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Gives a grant's device to its VM: legs opened, disk plugged in, swapped on. What fails on the way
/// is undone in the opposite order before the refusal is answered.
final class GrantAttachment {

    private static final System.Logger LOG = System.getLogger(GrantAttachment.class.getName());

    private final Conversations talk;
    private final GuestSwap swap;
    private final GrantUndo undo;

    GrantAttachment(Conversations talk) {
        this.talk = talk;
        this.swap = new GuestSwap(talk.guests(), talk.patience());
        this.undo = new GrantUndo(talk);
    }

    CommandResult carryOut(AttachGrant command) throws InterruptedException {
        Optional<HeldGrant> held = talk.grants().find(command.grantId());
        if (held.isPresent()) {
            Optional<CommandResult> known = answerForHeld(command, held.get());
            if (known.isPresent()) {
                return known.get();
            }
        }
        Optional<CommandResult> impossible = firstObstacle(command);
        return impossible.isPresent() ? impossible.get() : attach(command);
    }

    /// A grant that is held already: a repeated command, or one whose first try ended with an earlier
    /// agent. Empty where it has been cleared away and may be begun anew.
    private Optional<CommandResult> answerForHeld(AttachGrant command, HeldGrant held)
            throws InterruptedException {
        if (command.epoch() < held.epoch()) {
            return refused(command, Codes.STALE_EPOCH, "it is held under epoch " + held.epoch());
        }
        boolean same =
                command.epoch() == held.epoch()
                        && command.vmId().equals(held.vmId())
                        && command.serial().equals(held.serial());
        boolean present;
        try {
            present = undo.hasDisk(held);
        } catch (HypervisorException e) {
            return refused(command, e.code(), String.valueOf(e.getMessage()));
        }
        if (!present || held.phase() == Phase.ATTACHING) {
            undo.untilDone(held, true);
            return Optional.empty();
        }
        if (!same) {
            return refused(
                    command, Codes.ALREADY_ATTACHED, "it is attached under another epoch or VM");
        }
        if (talk.borrowing().find(command.grantId()).isEmpty()) {
            return refused(command, Codes.DATA_PATH_LOST, "its legs ended with an earlier agent");
        }
        return Optional.of(CommandResult.done(command.commandId()));
    }

    /// What can be seen to be impossible before anything is begun.
    private Optional<CommandResult> firstObstacle(AttachGrant command) {
        try {
            Optional<VirtualMachine> machine = talk.presence().find(command.vmId());
            if (machine.isEmpty()) {
                return refused(command, Codes.VM_NOT_FOUND, "this host has no such VM");
            }
            if (!machine.get().isRunning()) {
                return refused(command, Codes.VM_NOT_RUNNING, "the VM does not run");
            }
            if (command.mode() == AttachMode.SWAP) {
                talk.guests().awaitHello(command.vmId(), talk.patience().hello());
            }
        } catch (HypervisorException e) {
            return refused(command, e.code(), String.valueOf(e.getMessage()));
        } catch (GuestSilentException e) {
            return refused(command, Codes.GUEST_SILENT, String.valueOf(e.getMessage()));
        }
        return talk.grants().isFull()
                ? refused(command, Codes.TOO_MANY_GRANTS, "this host holds too many grants")
                : Optional.empty();
    }

    private CommandResult attach(AttachGrant command) throws InterruptedException {
        HeldGrant grant = HeldGrant.begun(command);
        talk.grants().put(grant);
        boolean maySwap = false;
        CommandResult failure;
        try {
            ExportedDisk disk = talk.borrowing().open(command);
            talk.hypervisor()
                    .attachDisk(
                            command.vmId(),
                            new DiskToAttach(command.serial(), disk.socket(), disk.exportName()));
            if (command.mode() == AttachMode.SWAP) {
                maySwap = true;
                swapOn(command);
            }
            talk.grants().put(grant.attached());
            return CommandResult.done(command.commandId());
        } catch (BorrowingException e) {
            failure = refusal(command, e.code(), e);
        } catch (HypervisorException e) {
            failure = refusal(command, refusalCode(e), e);
        } catch (GuestSilentException e) {
            failure = refusal(command, Codes.GUEST_SILENT, e);
        } catch (GuestRefusal e) {
            failure = refusal(command, Codes.GUEST_REFUSED, e);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "attaching grant " + command.grantId(), e);
            failure = refusal(command, Codes.INTERNAL_ERROR, e);
        }
        undo.untilDone(grant, maySwap);
        return failure;
    }

    private void swapOn(AttachGrant command)
            throws GuestSilentException, GuestRefusal, InterruptedException {
        Reply reply = swap.on(command.vmId(), command.serial(), command.sizeBytes());
        if (reply.code() != ReplyCode.OK) {
            throw new GuestRefusal(GuestSwap.words(reply));
        }
    }

    /// The VM's grants that its guest should swap on.
    List<HeldGrant> grantsToRestore(UUID vmId) {
        return talk.grants().ofVm(vmId).stream().filter(this::canRestore).toList();
    }

    private boolean canRestore(HeldGrant grant) {
        return grant.mode() == AttachMode.SWAP
                && grant.phase() == Phase.ATTACHED
                && talk.borrowing().find(grant.grantId()).isPresent();
    }

    /// Asks a guest that has booted to swap on a disk that it had before. Harmless where it does.
    void restore(UUID grantId) throws InterruptedException {
        HeldGrant grant = talk.grants().find(grantId).filter(this::canRestore).orElse(null);
        ExportedDisk disk = talk.borrowing().find(grantId).orElse(null);
        if (grant == null || disk == null) {
            return;
        }
        String outcome;
        try {
            outcome = GuestSwap.words(swap.on(grant.vmId(), grant.serial(), disk.sizeBytes()));
        } catch (GuestSilentException e) {
            outcome = String.valueOf(e.getMessage());
        }
        LOG.log(
                Level.INFO,
                "guest of {0} has booted, swap on grant {1}: {2}",
                grant.vmId(),
                grantId,
                outcome);
    }

    /// Undone by the time it is answered: what was uncertain has become a plain failure.
    private static String refusalCode(HypervisorException e) {
        return e.code().equals(HypervisorException.ATTACH_UNCERTAIN)
                ? Codes.ATTACH_FAILED
                : e.code();
    }

    private static Optional<CommandResult> refused(
            AttachGrant command, String code, String detail) {
        return Optional.of(CommandResult.refused(command.commandId(), code, detail));
    }

    private static CommandResult refusal(AttachGrant command, String code, Exception why) {
        return CommandResult.refused(command.commandId(), code, String.valueOf(why.getMessage()));
    }

    /// A guest that answered, and not with yes.
    private static final class GuestRefusal extends Exception {
        private static final long serialVersionUID = 1;

        GuestRefusal(String message) {
            super(message);
        }
    }
}
