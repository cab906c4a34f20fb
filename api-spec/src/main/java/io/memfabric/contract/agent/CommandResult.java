package io.memfabric.contract.agent;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What became of a command.
///
/// @param code a stable code such as `stale_generation`, or null where it is done
/// @param detail one sentence for an operator, or null
public record CommandResult(
        UUID commandId, Outcome outcome, @Nullable String code, @Nullable String detail) {

    /// How a command ended.
    public enum Outcome {
        /// The wanted state holds.
        DONE,
        /// It was not carried out and nothing changed.
        REFUSED
    }

    public CommandResult {
        Check.present("commandId", commandId);
        Check.present("outcome", outcome);
        if (outcome == Outcome.REFUSED) {
            Check.name("code", code, 64);
        }
    }

    public static CommandResult done(UUID commandId) {
        return new CommandResult(commandId, Outcome.DONE, null, null);
    }

    public static CommandResult refused(UUID commandId, String code, String detail) {
        return new CommandResult(commandId, Outcome.REFUSED, code, detail);
    }
}
