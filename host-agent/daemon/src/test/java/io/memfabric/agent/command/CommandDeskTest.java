package io.memfabric.agent.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.borrowing.FakeBorrowing;
import io.memfabric.agent.hypervisor.AttachedDisk;
import io.memfabric.agent.hypervisor.HypervisorException;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.CommandResult.Outcome;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.guest.GuestFrame.ReplyCode;
import io.memfabric.contract.vocabulary.AttachMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class CommandDeskTest extends CommandStand {

    @Test
    void detachesInTheOppositeOrder() throws InterruptedException {
        attached();

        assertThat(answer(detach()).outcome()).isEqualTo(Outcome.DONE);
        assertThat(journal).containsExactly("swap-off OK", "detach mf-1", "close");
        assertThat(grants.all()).isEmpty();
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
    void leavesTheGrantWorkingWhereTheGuestRefusesToSwapOff() throws InterruptedException {
        attached();
        guests.answerOff(ReplyCode.WOULD_NOT_FIT);

        assertThat(answer(detach()).code()).isEqualTo("guest_refused");
        assertThat(journal).containsExactly("swap-off WOULD_NOT_FIT");
        assertThat(grants.all()).hasSize(1);
    }

    @Test
    void case23AGuestThatConfirmsASwapOffAndWritesOnKeepsItsDevice() throws InterruptedException {
        attached();
        borrowing.keepWriting(true);

        assertThat(answer(detach()).code()).isEqualTo("guest_still_writes");
        assertThat(journal).containsExactly("swap-off OK");
        assertThat(grants.all()).hasSize(1);

        borrowing.keepWriting(false);
        assertThat(answer(detach()).outcome()).isEqualTo(Outcome.DONE);
        assertThat(journal).containsExactly("swap-off OK", "swap-off OK", "detach mf-1", "close");
    }

    @Test
    void leavesTheGrantWorkingWhereTheGuestIsSilent() throws InterruptedException {
        attached();
        guests.answerOff(null);

        assertThat(answer(detach()).code()).isEqualTo("guest_silent");
        assertThat(journal).containsExactly("swap-off silence");
        assertThat(grants.all()).hasSize(1);
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
        assertThat(grants.all()).hasSize(1);
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

        assertThat(grants.all()).hasSize(1);
        assertThat(answer(attach()).code()).isEqualTo("data_path_lost");
        assertThat(answer(detach()).outcome()).isEqualTo(Outcome.DONE);
        assertThat(journal).containsExactly("swap-off OK", "detach mf-1");
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
