package io.memfabric.agent.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.borrowing.FakeBorrowing;
import io.memfabric.agent.hypervisor.AttachedDisk;
import io.memfabric.agent.hypervisor.HypervisorException;
import io.memfabric.contract.agent.CommandResult.Outcome;
import io.memfabric.contract.guest.GuestFrame.ReplyCode;
import io.memfabric.contract.vocabulary.AttachMode;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class GrantAttachmentTest extends CommandStand {

    @Test
    void attachesInOrder() throws InterruptedException {
        assertThat(answer(attach()).outcome()).isEqualTo(Outcome.DONE);

        assertThat(journal).containsExactly("open", "attach mf-1", "swap-on OK");
        assertThat(grants.all()).hasSize(1);
    }

    @Test
    void asksNoGuestToSwapOnADevice() throws InterruptedException {
        answer(attach(AttachMode.DEVICE, 1, VM));

        assertThat(journal).containsExactly("open", "attach mf-1");
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
        assertThat(grants.all()).isEmpty();
    }

    @Test
    void closesTheLegsWhereTheDiskCannotBeAttached() throws InterruptedException {
        hypervisor.failAttach(HypervisorException.ATTACH_FAILED, false);

        assertThat(answer(attach()).code()).isEqualTo("attach_failed");
        assertThat(journal).containsExactly("open", "attach mf-1", "close");
        assertThat(grants.all()).isEmpty();
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
        assertThat(grants.all()).isEmpty();
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
        assertThat(grants.all()).hasSize(1);
        hypervisor.detachWorksAgain();

        assertThat(nextAnswer().code()).isEqualTo("guest_refused");
        assertThat(journal).endsWith("swap-off OK", "detach mf-1", "close");
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
}
