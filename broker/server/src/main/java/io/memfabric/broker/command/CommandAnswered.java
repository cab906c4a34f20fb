package io.memfabric.broker.command;

import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.CommandResult;
import java.util.UUID;

/// A host answered a command for the first time. It is published in the transaction that records
/// the answer, so what follows from it is recorded with it.
public record CommandAnswered(UUID hostId, AgentCommand command, CommandResult result) {}
