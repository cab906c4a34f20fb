package io.memfabric.agent.command;

import io.memfabric.agent.lending.Lending;
import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.ReplaceLegs;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/// Takes commands, carries each out once, and answers. Commands of one grant run in the order they
/// came, those of different grants side by side. A repeated command gets the answer it had.
public final class CommandDesk implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(CommandDesk.class.getName());
    private static final int MAX_UNDER_WAY = 1024;
    private static final int MAX_REMEMBERED = 4096;

    private final Lending lending;
    private final GrantAttachment attachment;
    private final GrantDetachment detachment;
    private final LegExchange exchange;
    private final Consumer<CommandResult> answers;
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("command-", 0).factory());
    private final Set<UUID> underWay = new HashSet<>();
    private final Map<UUID, Deque<Task>> queues = new HashMap<>();
    private final Map<UUID, CommandResult> remembered = new LinkedHashMap<>();

    /// @param answers where results go; called again for a repeated command
    public CommandDesk(
            Lending lending, Conversations conversations, Consumer<CommandResult> answers) {
        this.lending = lending;
        this.attachment = new GrantAttachment(conversations);
        this.detachment = new GrantDetachment(conversations);
        this.exchange = new LegExchange(conversations);
        this.answers = answers;
    }

    private interface Task {
        void run() throws InterruptedException;
    }

    /// Takes a command and returns at once. More than a thousand under way are left for the broker
    /// to repeat.
    public void take(AgentCommand command) {
        CommandResult before;
        synchronized (this) {
            before = remembered.get(command.commandId());
            if (before == null
                    && (underWay.size() >= MAX_UNDER_WAY || !underWay.add(command.commandId()))) {
                return;
            }
        }
        if (before != null) {
            answers.accept(before);
        } else {
            enqueue(command.grantId(), () -> finished(command, carryOut(command)));
        }
    }

    /// To be called when a guest has booted: its disks are still there, its swapping on them is not.
    public void guestBooted(UUID vmId) {
        for (HeldGrant grant : attachment.grantsToRestore(vmId)) {
            enqueue(grant.grantId(), () -> attachment.restore(grant.grantId()));
        }
    }

    private void enqueue(UUID grantId, Task task) {
        synchronized (this) {
            Deque<Task> queue = queues.get(grantId);
            if (queue != null) {
                queue.addLast(task);
                return;
            }
            queues.put(grantId, new ArrayDeque<>());
        }
        threads.execute(() -> runInOrder(grantId, task));
    }

    private void runInOrder(UUID grantId, Task first) {
        Task task = first;
        while (task != null) {
            try {
                task.run();
            } catch (InterruptedException e) {
                // The agent stops. No answer is given: the broker repeats the command to the next.
                Thread.currentThread().interrupt();
                return;
            }
            synchronized (this) {
                Deque<Task> queue = queues.get(grantId);
                task = queue == null ? null : queue.pollFirst();
                if (task == null) {
                    queues.remove(grantId);
                }
            }
        }
    }

    private CommandResult carryOut(AgentCommand command) throws InterruptedException {
        try {
            return switch (command) {
                case PrepareRegions prepare -> lending.prepare(prepare);
                case FenceRegions fence -> lending.fence(fence);
                case AttachGrant attach -> attachment.carryOut(attach);
                case ReplaceLegs replace -> exchange.carryOut(replace);
                case DropLegs drop -> exchange.carryOut(drop);
                case DetachGrant detach -> detachment.carryOut(detach);
            };
        } catch (RuntimeException e) {
            // Not the command itself: one of its fields is a secret.
            LOG.log(Level.ERROR, "command " + command.commandId(), e);
            return CommandResult.refused(
                    command.commandId(), Codes.INTERNAL_ERROR, String.valueOf(e));
        }
    }

    private void finished(AgentCommand command, CommandResult result) {
        LOG.log(
                Level.INFO,
                "{0} of grant {1}: {2}{3}",
                command.getClass().getSimpleName(),
                command.grantId(),
                result.outcome(),
                result.code() == null ? "" : " " + result.code() + ", " + result.detail());
        synchronized (this) {
            underWay.remove(command.commandId());
            remembered.put(command.commandId(), result);
            if (remembered.size() > MAX_REMEMBERED) {
                remembered.remove(remembered.keySet().iterator().next());
            }
        }
        answers.accept(result);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
