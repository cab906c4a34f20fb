package io.memfabric.agent.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.borrowing.FakeBorrowing;
import io.memfabric.agent.guest.FakeGuests;
import io.memfabric.agent.hypervisor.AttachedDisk;
import io.memfabric.agent.hypervisor.FakeHypervisor;
import io.memfabric.agent.hypervisor.HypervisorException;
import io.memfabric.agent.lending.FakeLending;
import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.CommandResult.Outcome;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.guest.GuestFrame.ReplyCode;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CommandDeskTest {

    private static final UUID VM = new UUID(0, 1);
    private static final UUID GRANT = new UUID(0, 2);
    private static final String SERIAL = "mf-1";

    /// The fakes answer, or are silent, at once: only the pauses between tries are short.
    private static final Conversations.Patience SHORT =
            new Conversations.Patience(
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofMillis(1),
                    Duration.ofMillis(5));

    @TempDir private Path state;

    private final List<String> journal = new CopyOnWriteArrayList<>();
    private final FakeHypervisor hypervisor = new FakeHypervisor(journal);
    private final FakeGuests guests = new FakeGuests(journal);
    private final FakeLending lending = new FakeLending(journal);
    private final FakeBorrowing borrowing = new FakeBorrowing(journal);
    private final BlockingQueue<CommandResult> answers = new LinkedBlockingQueue<>();
    private boolean process = true;
    private HeldGrants grants;
    private CommandDesk desk;

    @BeforeEach
    void open() throws IOException {
        hypervisor.add(FakeHypervisor.running(VM, 512, 512, 400));
        start();
    }

    /// An agent that begins with what the one before left in its state folder.
    private void start() throws IOException {
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

    private static AttachGrant attach(AttachMode mode, long epoch, UUID vmId) {
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
                                0, List.of(new LegPlan(new UUID(0, 3), "10.0.0.1:7450", "x")))));
    }

    private static AttachGrant attach() {
        return attach(AttachMode.SWAP, 1, VM);
    }

    private static DetachGrant detach() {
        return new DetachGrant(UUID.randomUUID(), GRANT, 1, VM);
    }

    private CommandResult answer(AgentCommand command) throws InterruptedException {
        desk.take(command);
        return nextAnswer();
    }

    private CommandResult nextAnswer() throws InterruptedException {
        CommandResult result = answers.poll(20, TimeUnit.SECONDS);
        if (result == null) {
            throw new AssertionError("no answer; so far: " + journal);
        }
        return result;
    }

    private void attached() throws InterruptedException {
        assertThat(answer(attach()).outcome()).isEqualTo(Outcome.DONE);
        journal.clear();
    }

    @Test
    void attachesInOrder() throws InterruptedException {
        assertThat(answer(attach()).outcome()).isEqualTo(Outcome.DONE);

        assertThat(journal).containsExactly("open", "attach mf-1", "swap-on OK");
        assertThat(grants.reports()).hasSize(1);
    }

    @Test
    void asksNoGuestToSwapOnADevice() throws InterruptedException {
        answer(attach(AttachMode.DEVICE, 1, VM));

        assertThat(journal).containsExactly("open", "attach mf-1");
    }

    @Test
    void detachesInTheOppositeOrder() throws InterruptedException {
        attached();

        assertThat(answer(detach()).outcome()).isEqualTo(Outcome.DONE);
        assertThat(journal).containsExactly("swap-off OK", "detach mf-1", "close");
        assertThat(grants.reports()).isEmpty();
    }

    @Test
    void answersARepeatedCommandWithTheSameAndDoesNothing() throws InterruptedException {
        AttachGrant command = attach();
        CommandResult first = answer(command);
        journal.clear();

        assertThat(answer(command)).isEqualTo(first);
        assertThat(journal).isEmpty();
    }

    @Test
    void answersAnotherCommandForWhatIsAttachedWithDone() throws InterruptedException {
        attached();

        assertThat(answer(attach()).outcome()).isEqualTo(Outcome.DONE);
        assertThat(journal).isEmpty();
    }

    @Test
    void refusesAVmThatDoesNotExistBeforeAnythingIsBegun() throws InterruptedException {
        assertThat(answer(attach(AttachMode.SWAP, 1, new UUID(0, 9))).code())
                .isEqualTo("vm_not_found");
        assertThat(journal).isEmpty();
    }

    @Test
    void refusesAVmThatDoesNotRun() throws InterruptedException {
        hypervisor.stop(VM);

        assertThat(answer(attach()).code()).isEqualTo("vm_not_running");
        assertThat(journal).isEmpty();
    }

    @Test
    void refusesAGuestWithoutDaemonBeforeAnythingIsBegun() throws InterruptedException {
        guests.beAbsent();

        assertThat(answer(attach()).code()).isEqualTo("guest_silent");
        assertThat(journal).isEmpty();
    }

    @Test
    void refusesWhereALegCannotBeOpened() throws InterruptedException {
        borrowing.fail("leg_unreachable");

        assertThat(answer(attach()).code()).isEqualTo("leg_unreachable");
        assertThat(journal).isEmpty();
        assertThat(grants.reports()).isEmpty();
    }

    @Test
    void closesTheLegsWhereTheDiskCannotBeAttached() throws InterruptedException {
        hypervisor.failAttach(HypervisorException.ATTACH_FAILED, false);

        assertThat(answer(attach()).code()).isEqualTo("attach_failed");
        assertThat(journal).containsExactly("open", "attach mf-1", "close");
        assertThat(grants.reports()).isEmpty();
    }

    @Test
    void detachesADiskThatWasAttachedAllTheSame() throws InterruptedException {
        hypervisor.failAttach(HypervisorException.ATTACH_UNCERTAIN, true);

        assertThat(answer(attach()).code()).isEqualTo("attach_failed");
        assertThat(journal).containsExactly("open", "attach mf-1", "detach mf-1", "close");
    }

    @Test
    void rollsBackWhereTheGuestRefusesToSwapOn() throws InterruptedException {
        guests.answerOn(ReplyCode.IN_USE);

        assertThat(answer(attach()).code()).isEqualTo("guest_refused");
        assertThat(journal)
                .containsExactly(
                        "open",
                        "attach mf-1",
                        "swap-on IN_USE",
                        "swap-off OK",
                        "detach mf-1",
                        "close");
        assertThat(grants.reports()).isEmpty();
    }

    @Test
    void waitsForAGuestThatDoesNotSeeTheDiskYet() throws InterruptedException {
        guests.answerOn(ReplyCode.NOT_FOUND);
        guests.answerOn(ReplyCode.BUSY);

        assertThat(answer(attach()).outcome()).isEqualTo(Outcome.DONE);
    }

    @Test
    void neverDetachesFromASilentGuestUntilItConfirmed() throws InterruptedException {
        guests.answerOn(null);
        guests.answerOff(null);
        guests.answerOff(ReplyCode.WOULD_NOT_FIT);
        guests.answerOff(null);

        assertThat(answer(attach()).code()).isEqualTo("guest_silent");
        assertThat(journal)
                .containsExactly(
                        "open",
                        "attach mf-1",
                        "swap-on silence",
                        "swap-off silence",
                        "swap-off WOULD_NOT_FIT",
                        "swap-off silence",
                        "swap-off OK",
                        "detach mf-1",
                        "close");
    }

    @Test
    void keepsTryingUntilAFailedAttachmentIsUndone() throws InterruptedException {
        guests.answerOn(ReplyCode.IN_USE);
        guests.answerOff(null);
        hypervisor.failDetach(HypervisorException.DETACH_FAILED);
        desk.take(attach());
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (journal.stream().filter("swap-off OK"::equals).count() < 3) {
            assertThat(answers).isEmpty();
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
        assertThat(grants.reports()).hasSize(1);
        hypervisor.detachWorksAgain();

        assertThat(nextAnswer().code()).isEqualTo("guest_refused");
        assertThat(journal).endsWith("swap-off OK", "detach mf-1", "close");
    }

    @Test
    void leavesTheGrantWorkingWhereTheGuestRefusesToSwapOff() throws InterruptedException {
        attached();
        guests.answerOff(ReplyCode.WOULD_NOT_FIT);

        assertThat(answer(detach()).code()).isEqualTo("guest_refused");
        assertThat(journal).containsExactly("swap-off WOULD_NOT_FIT");
        assertThat(grants.reports()).hasSize(1);
    }

    @Test
    void leavesTheGrantWorkingWhereTheGuestIsSilent() throws InterruptedException {
        attached();
        guests.answerOff(null);

        assertThat(answer(detach()).code()).isEqualTo("guest_silent");
        assertThat(journal).containsExactly("swap-off silence");
        assertThat(grants.reports()).hasSize(1);
    }

    @Test
    void asksAgainOverANewChannel() throws InterruptedException {
        attached();
        guests.breakChannelAtNextQuestion();

        assertThat(answer(detach()).outcome()).isEqualTo(Outcome.DONE);
        assertThat(journal)
                .containsExactly("swap-off broken channel", "swap-off OK", "detach mf-1", "close");
    }

    @Test
    void keepsTheLegsOpenWhereTheDiskStays() throws InterruptedException {
        attached();
        hypervisor.failDetach(HypervisorException.DETACH_FAILED);

        assertThat(answer(detach()).code()).isEqualTo("detach_failed");
        assertThat(journal).containsExactly("swap-off OK");
        assertThat(grants.reports()).hasSize(1);
    }

    @Test
    void closesWithoutAskingAVmThatIsProvablyGone() throws InterruptedException {
        attached();
        hypervisor.stop(VM);
        process = false;

        assertThat(answer(detach()).outcome()).isEqualTo(Outcome.DONE);
        assertThat(journal).containsExactly("close");
    }

    @Test
    void refusesToCloseWhileLibvirtIsDown() throws InterruptedException {
        attached();
        process = false;
        hypervisor.goDown();

        assertThat(answer(detach()).code()).isEqualTo("libvirt_down");
        assertThat(journal).isEmpty();
    }

    @Test
    void refusesAnOlderEpoch() throws InterruptedException {
        assertThat(answer(attach(AttachMode.SWAP, 7, VM)).outcome()).isEqualTo(Outcome.DONE);
        journal.clear();

        assertThat(answer(detach()).code()).isEqualTo("stale_epoch");
        assertThat(answer(attach()).code()).isEqualTo("stale_epoch");
        assertThat(journal).isEmpty();
    }

    @Test
    void takesAnUnknownGrantForGoneWhereTheVmHasNoDeviceOfOurs() throws InterruptedException {
        hypervisor.plug(VM, new AttachedDisk("vda", "", Path.of("/elsewhere/s"), "", "", "", null));

        assertThat(answer(detach()).outcome()).isEqualTo(Outcome.DONE);
    }

    @Test
    void refusesAnUnknownGrantWhereTheVmHasADeviceNobodyAccountsFor() throws InterruptedException {
        hypervisor.plug(
                VM,
                new AttachedDisk(
                        "vdb",
                        "mf-other",
                        FakeBorrowing.EXPORTS.resolve("mf-other"),
                        "x",
                        "stop",
                        "stop",
                        null));

        assertThat(answer(detach()).code()).isEqualTo("grant_unknown");
    }

    @Test
    void knowsItsGrantsAfterARestart() throws InterruptedException, IOException {
        attached();
        desk.close();
        borrowing.close();
        start();

        assertThat(grants.reports()).hasSize(1);
        assertThat(answer(attach()).code()).isEqualTo("data_path_lost");
        assertThat(answer(detach()).outcome()).isEqualTo(Outcome.DONE);
        assertThat(journal).containsExactly("swap-off OK", "detach mf-1");
    }

    @Test
    void clearsAwayWhatACrashLeftBehindAndAttachesAnew() throws InterruptedException, IOException {
        grants.put(new HeldGrant(GRANT, 1, VM, SERIAL, AttachMode.SWAP, HeldGrant.Phase.ATTACHING));
        hypervisor.plug(
                VM,
                new AttachedDisk(
                        "vdb",
                        SERIAL,
                        FakeBorrowing.EXPORTS.resolve(SERIAL),
                        "x",
                        "stop",
                        "stop",
                        null));
        desk.close();
        start();

        assertThat(answer(attach()).outcome()).isEqualTo(Outcome.DONE);
        assertThat(journal)
                .containsExactly("swap-off OK", "detach mf-1", "open", "attach mf-1", "swap-on OK");
    }

    @Test
    void runsCommandsOfOneGrantInTheOrderTheyCame() throws InterruptedException {
        desk.take(attach());
        desk.take(detach());
        desk.take(new FenceRegions(UUID.randomUUID(), GRANT, 1, List.of()));
        nextAnswer();
        nextAnswer();
        nextAnswer();

        assertThat(journal)
                .containsExactly(
                        "open",
                        "attach mf-1",
                        "swap-on OK",
                        "swap-off OK",
                        "detach mf-1",
                        "close",
                        "fence");
    }

    @Test
    void swapsOnAgainWhenAGuestHasBooted() throws InterruptedException {
        attached();
        desk.guestBooted(VM);
        desk.guestBooted(new UUID(0, 9));
        answer(detach());
        desk.guestBooted(VM);

        assertThat(journal).containsExactly("swap-on OK", "swap-off OK", "detach mf-1", "close");
    }

    @Test
    void handsRegionsToLending() throws InterruptedException {
        answer(
                new PrepareRegions(
                        UUID.randomUUID(),
                        GRANT,
                        1,
                        "0123456789abcdef0123456789abcdef",
                        List.of()));

        assertThat(journal).containsExactly("prepare");
    }
}
