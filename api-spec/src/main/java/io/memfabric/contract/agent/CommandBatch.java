package io.memfabric.contract.agent;

import java.util.List;

/// The commands that a host has not answered yet, oldest first, at most 64.
///
/// @param revision the host's command revision; the next poll names it and is answered as soon as
///     it differs
public record CommandBatch(long revision, List<AgentCommand> commands) {

    public CommandBatch {
        Check.notNegative("revision", revision);
        commands = List.copyOf(Check.present("commands", commands));
        Check.atMost("commands", commands.size(), 64);
    }
}
