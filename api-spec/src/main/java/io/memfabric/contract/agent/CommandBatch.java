package io.memfabric.contract.agent;

import java.util.List;

/// The commands that a host has not answered yet, oldest first, at most 64.
///
/// @param revision the host's command revision; the next poll names it and is answered as soon as
///     it differs
/// @param term the term under which its broker serves the host, which only grows; an agent that has
///     seen a later one takes nothing of this batch, and 0 says that there is none yet
public record CommandBatch(long revision, long term, List<AgentCommand> commands) {

    public CommandBatch {
        Check.notNegative("revision", revision);
        Check.notNegative("term", term);
        commands = List.copyOf(Check.present("commands", commands));
        Check.atMost("commands", commands.size(), 64);
    }
}
