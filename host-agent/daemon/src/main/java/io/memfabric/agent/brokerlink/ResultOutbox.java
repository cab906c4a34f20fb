package io.memfabric.agent.brokerlink;

import io.memfabric.contract.agent.CommandResult;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/// Results that the broker has not accepted yet, each once, oldest first. When it is full the oldest
/// is given up: the broker repeats its command and gets it again.
final class ResultOutbox {

    private static final int MAX = 4096;

    private final Map<UUID, CommandResult> results = new LinkedHashMap<>();

    synchronized void add(CommandResult result) {
        results.put(result.commandId(), result);
        if (results.size() > MAX) {
            results.remove(results.keySet().iterator().next());
        }
        notifyAll();
    }

    /// The oldest result; waits for one.
    synchronized CommandResult first() throws InterruptedException {
        while (results.isEmpty()) {
            wait();
        }
        return results.values().iterator().next();
    }

    synchronized void accepted(CommandResult result) {
        results.remove(result.commandId(), result);
    }
}
