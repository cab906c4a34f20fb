package io.memfabric.agent.command;

import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.ReplaceLegs;
import java.io.UncheckedIOException;
import java.util.Optional;

/// Gives a held grant new legs. Where it has two copies, first the device, then the plan on disk, so
/// that whoever reads the plan after a crash either opens the new legs or finds the old ones noted as
/// lacking everything. Where it has one, the plan is written while both have everything.
final class LegExchange {

    private final Conversations talk;

    LegExchange(Conversations talk) {
        this.talk = talk;
    }

    CommandResult carryOut(ReplaceLegs command) {
        Optional<HeldGrant> held = talk.grants().find(command.grantId());
        if (held.isEmpty() || held.get().plan() == null) {
            return refused(
                    command, Codes.GRANT_NOT_HELD, "no VM here has grant " + command.grantId());
        }
        if (command.epoch() < held.get().epoch()) {
            return refused(
                    command, Codes.STALE_EPOCH, "it is held under epoch " + held.get().epoch());
        }
        try {
            talk.borrowing()
                    .replaceLegs(
                            command.grantId(),
                            command.replacements(),
                            () -> talk.grants().put(held.get().withLegs(command.replacements())));
            return CommandResult.done(command.commandId());
        } catch (BorrowingException e) {
            return refused(command, e.code(), String.valueOf(e.getMessage()));
        } catch (UncheckedIOException e) {
            return refused(command, Codes.PLAN_NOT_WRITTEN, String.valueOf(e.getMessage()));
        }
    }

    /// The plan keeps the legs: the lender refuses them from its fence on, and until then what was
    /// recorded of them says that they have nothing.
    CommandResult carryOut(DropLegs command) {
        Optional<HeldGrant> held = talk.grants().find(command.grantId());
        if (held.isEmpty()) {
            return refused(
                    command, Codes.GRANT_NOT_HELD, "no VM here has grant " + command.grantId());
        }
        if (command.epoch() < held.get().epoch()) {
            return refused(
                    command, Codes.STALE_EPOCH, "it is held under epoch " + held.get().epoch());
        }
        try {
            talk.borrowing().dropLegs(command.grantId(), command.legs());
            return CommandResult.done(command.commandId());
        } catch (BorrowingException e) {
            return refused(command, e.code(), String.valueOf(e.getMessage()));
        }
    }

    private static CommandResult refused(AgentCommand command, String code, String detail) {
        return CommandResult.refused(command.commandId(), code, detail);
    }
}
