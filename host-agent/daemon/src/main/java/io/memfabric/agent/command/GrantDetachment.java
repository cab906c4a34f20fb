package io.memfabric.agent.command;

import io.memfabric.agent.command.GrantUndo.Obstacle;
import io.memfabric.agent.hypervisor.AttachedDisk;
import io.memfabric.agent.hypervisor.HypervisorException;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.DetachGrant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/// Takes a grant's device away from its VM, or refuses and leaves everything as it is.
final class GrantDetachment {

    private final Conversations talk;
    private final GrantUndo undo;

    GrantDetachment(Conversations talk) {
        this.talk = talk;
        this.undo = new GrantUndo(talk);
    }

    CommandResult carryOut(DetachGrant command) throws InterruptedException {
        Optional<HeldGrant> held = talk.grants().find(command.grantId());
        if (held.isEmpty()) {
            return answerForUnknown(command);
        }
        if (command.epoch() < held.get().epoch()) {
            return CommandResult.refused(
                    command.commandId(),
                    Codes.STALE_EPOCH,
                    "it is held under epoch " + held.get().epoch());
        }
        Optional<Obstacle> obstacle = undo.tryOnce(held.get(), true);
        return obstacle.map(o -> CommandResult.refused(command.commandId(), o.code(), o.detail()))
                .orElseGet(() -> CommandResult.done(command.commandId()));
    }

    /// A grant that this agent has no word of is gone only if the VM has no device that could be it:
    /// one of our exports that no known grant accounts for.
    private CommandResult answerForUnknown(DetachGrant command) {
        try {
            Set<String> accounted =
                    talk.grants().ofVm(command.vmId()).stream()
                            .map(HeldGrant::serial)
                            .collect(Collectors.toSet());
            boolean doubtful =
                    !talk.presence().isGone(command.vmId())
                            && talk.hypervisor().disks(command.vmId()).stream()
                                    .filter(this::isOurs)
                                    .anyMatch(disk -> !accounted.contains(disk.serial()));
            if (doubtful) {
                return CommandResult.refused(
                        command.commandId(),
                        Codes.GRANT_UNKNOWN,
                        "the VM has a device of the fabric that this agent does not know");
            }
            UUID grantId = command.grantId();
            talk.borrowing().close(grantId);
            return CommandResult.done(command.commandId());
        } catch (HypervisorException e) {
            return CommandResult.refused(
                    command.commandId(), e.code(), String.valueOf(e.getMessage()));
        }
    }

    private boolean isOurs(AttachedDisk disk) {
        return disk.socket() != null && disk.socket().startsWith(talk.exports());
    }
}
