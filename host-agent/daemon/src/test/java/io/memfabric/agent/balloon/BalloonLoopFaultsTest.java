package io.memfabric.agent.balloon;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.guest.GuestHint;
import io.memfabric.agent.hypervisor.FakeHypervisor;
import io.memfabric.agent.hypervisor.VirtualMachine;
import io.memfabric.agent.hypervisor.VirtualMachine.BalloonStatistics;
import io.memfabric.contract.vocabulary.HarvestMode;
import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// What the world does to the loop: statistics that make no sense, VMs that are gone before their
/// balloon is set, a broker that is away.
final class BalloonLoopFaultsTest extends LoopStand {

    private static final UUID THIRD = new UUID(0, 3);
    private static final long MIB = MemorySize.ofMib(1).bytes();

    private static VirtualMachine saying(long balloonMib, long usableBytes, long stampSeconds) {
        VirtualMachine vm = FakeHypervisor.running(VM, 512, balloonMib, 0);
        return new VirtualMachine(
                VM,
                vm.name(),
                vm.state(),
                vm.maxBytes(),
                vm.ceilingBytes(),
                vm.balloonBytes(),
                new BalloonStatistics(usableBytes, stampSeconds),
                null,
                null);
    }

    private static long wallSeconds() {
        return System.currentTimeMillis() / 1000;
    }

    private void hint(long usableMib, long stallMicros, long refaults) {
        guests.hint(
                VM,
                new GuestHint(
                        usableMib << 20, 0, stallMicros, refaults, 0, 0, Duration.ofMillis(100)));
    }

    @Test
    void statisticsWhoseStampJumpsBackAreNewsAndNothingElse() {
        directives.said(HarvestMode.HARVEST, LIMIT);
        hypervisor.add(saying(512, 400 * MIB, wallSeconds()));
        loop.tick();
        assertThat(journal).containsExactly("balloon 384 MiB");
        journal.clear();

        // Its host's clock was set back by a day; its guest is nearly out.
        hypervisor.add(saying(384, 5 * MIB, wallSeconds() - 86_400));
        loop.tick();
        assertThat(journal).containsExactly("balloon 512 MiB");
    }

    @Test
    void countersThatJumpBackGiveNothingAwayAndTakeNothing() {
        directives.said(HarvestMode.OBSERVE, LIMIT);
        for (int tick = 0; tick < 4; tick++) {
            hypervisor.add(saying(300, 200 * MIB, wallSeconds() + tick));
            // A guest that was started anew, or lies: its counters begin again each time.
            hint(200, tick % 2 == 0 ? Long.MAX_VALUE : 0, tick % 2 == 0 ? Long.MAX_VALUE : 0);
            loop.tick();
        }
        assertThat(journal).isEmpty();
        assertThat(loop.decisions().entries()).isNotEmpty();
    }

    @Test
    void unitsThatAreTooLargeBy1024TakeNothing() {
        directives.said(HarvestMode.HARVEST, LIMIT);
        for (int tick = 0; tick < 4; tick++) {
            hypervisor.add(saying(512, 400 * MIB * 1024, wallSeconds() + tick));
            loop.tick();
        }
        assertThat(journal).isEmpty();
        assertThat(loop.decisions().entries())
                .anySatisfy(
                        entry ->
                                assertThat(entry.decision().reason()).contains("more than it has"));
    }

    @Test
    void unitsThatAreTooSmallBy1024GiveTheMemoryBackAndTakeNothing() {
        directives.said(HarvestMode.HARVEST, LIMIT);
        hypervisor.add(saying(300, 200 * MIB / 1024, wallSeconds()));
        loop.tick();
        assertThat(journal).containsExactly("balloon 512 MiB");
    }

    @Test
    void aVmThatVanishesInMidStepCostsNothingButItsOwnMove() {
        hypervisor.add(FakeHypervisor.running(VM, 512, 512, 400));
        hypervisor.add(FakeHypervisor.running(THIRD, 512, 512, 300));
        hypervisor.vanishBeforeItsMove(VM);
        directives.said(HarvestMode.HARVEST, LIMIT);
        loop.tick();

        assertThat(journal).containsExactly("balloon 410 MiB");
        assertThat(loop.decisions().entries())
                .anySatisfy(entry -> assertThat(entry.outcome()).contains("no such VM"));
        loop.tick();
        assertThat(view().vms())
                .singleElement()
                .satisfies(vm -> assertThat(vm.vmId()).isEqualTo(THIRD));
        // What it had is not counted as lendable any more.
        assertThat(view().memory().harvestedBytes()).isZero();
    }

    @Test
    void aBrokerThatIsAwayForAnHourStopsHarvestingAndNothingElse() {
        directives.said(HarvestMode.HARVEST, LIMIT);
        hypervisor.add(FakeHypervisor.running(VM, 512, 300, 100));
        eyes.residentMib.put(VM, 290L);
        loop.tick();
        MemorySize offered = lending.offered();
        assertThat(offered).isGreaterThan(MemorySize.ZERO);
        lending.lend(1);
        journal.clear();

        for (int second = 0; second < 3600; second++) {
            brokerNanos.addAndGet(Duration.ofSeconds(1).toNanos());
            if (second < 11) {
                continue; // it counts as there for as long as a word may be late
            }
            hypervisor.add(FakeHypervisor.running(VM, 512, 300, 280));
            loop.tick();
        }
        assertThat(journal).isEmpty();
        assertThat(lending.lent()).isEqualTo(MemorySize.ofMib(64));
        assertThat(loop.decisions().entries())
                .anySatisfy(entry -> assertThat(entry.outcome()).isEqualTo("the broker is silent"));

        // Relief asks no broker.
        hypervisor.add(FakeHypervisor.running(VM, 512, 300, 5));
        loop.tick();
        assertThat(journal).contains("balloon 512 MiB");
        assertThat(lending.lent()).isEqualTo(MemorySize.ofMib(64));
    }
}
