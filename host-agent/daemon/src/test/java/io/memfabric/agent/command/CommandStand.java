package io.memfabric.agent.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.borrowing.FakeBorrowing;
import io.memfabric.agent.guest.FakeGuests;
import io.memfabric.agent.hypervisor.FakeHypervisor;
import io.memfabric.agent.lending.FakeLending;
import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.CommandResult.Outcome;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// A command desk among fakes: what happens is told to a journal, in order.
abstract class CommandStand {

    static final UUID VM = new UUID(0, 1);
    static final UUID GRANT = new UUID(0, 2);
    static final String SERIAL = "mf-1";

    /// The fakes answer, or are silent, at once: only the pauses between tries are short.
    static final Conversations.Patience SHORT =
            new Conversations.Patience(
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofMillis(1),
                    Duration.ofMillis(1),
                    Duration.ofMillis(5));

    @TempDir Path state;

    final List<String> journal = new CopyOnWriteArrayList<>();
    final FakeHypervisor hypervisor = new FakeHypervisor(journal);
    final FakeGuests guests = new FakeGuests(journal);
    final FakeLending lending = new FakeLending(journal);
    final FakeBorrowing borrowing = new FakeBorrowing(journal);
    final BlockingQueue<CommandResult> answers = new LinkedBlockingQueue<>();
    boolean process = true;
    HeldGrants grants;
    CommandDesk desk;

    @BeforeEach
    final void open() throws IOException {
        hypervisor.add(FakeHypervisor.running(VM, 512, 512, 400));
        start();
    }

    /// An agent that begins with what the one before left in its state folder.
    final void start() throws IOException {
        grants = HeldGrants.load(state.resolve("grants.json"));
        desk =
                new CommandDesk(
                        lending,
                        new Conversations(
                                hypervisor,
                                new VmPresence(hypervisor, _ -> process),
                                guests,
                                borrowing,
                                grants,
                                FakeBorrowing.EXPORTS,
                                SHORT),
                        answers::add);
    }

    @AfterEach
    void close() {
        desk.close();
    }

    static AttachGrant attach(AttachMode mode, long epoch, UUID vmId) {
        return new AttachGrant(
                UUID.randomUUID(),
                GRANT,
                epoch,
                vmId,
                SERIAL,
                mode,
                FabricLimits.REGION.bytes(),
                List.of(
                        new ExtentPlan(
                                0, List.of(new LegPlan(new UUID(0, 3), "10.0.0.1:7450", "x")))),
                null);
    }

    static AttachGrant attach() {
        return attach(AttachMode.SWAP, 1, VM);
    }

    static DetachGrant detach() {
        return new DetachGrant(UUID.randomUUID(), GRANT, 1, VM);
    }

    CommandResult answer(AgentCommand command) throws InterruptedException {
        desk.take(command);
        return nextAnswer();
    }

    CommandResult nextAnswer() throws InterruptedException {
        CommandResult result = answers.poll(20, TimeUnit.SECONDS);
        if (result == null) {
            throw new AssertionError("no answer; so far: " + journal);
        }
        return result;
    }

    void attached() throws InterruptedException {
        assertThat(answer(attach()).outcome()).isEqualTo(Outcome.DONE);
        journal.clear();
    }
}
