package io.memfabric.contract.agent;

import java.util.List;

/// The commands that a host has not answered yet, oldest first, at most 64.
public record CommandBatch(List<AgentCommand> commands) {

    public CommandBatch {
        commands = List.copyOf(Check.present("commands", commands));
        Check.atMost("commands", commands.size(), 64);
    }
}
