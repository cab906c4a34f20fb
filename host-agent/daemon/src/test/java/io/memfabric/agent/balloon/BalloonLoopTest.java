package io.memfabric.agent.balloon;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.guest.GuestHint;
import io.memfabric.agent.hypervisor.Exclusion;
import io.memfabric.agent.hypervisor.FakeHypervisor;
import io.memfabric.agent.hypervisor.VirtualMachine;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class BalloonLoopTest extends LoopStand {

    @Test
    void onlyObservesUntilTheBrokerSaysOtherwise() {
        hypervisor.add(FakeHypervisor.running(VM, 512, 512, 400));
        loop.tick();

        assertThat(journal).isEmpty();
        assertThat(loop.decisions().entries())
                .singleElement()
                .satisfies(e -> assertThat(e.outcome()).isEqualTo("observed only"));
    }

    @Test
    void takesIdleMemoryInModeHarvest() {
        hypervisor.add(FakeHypervisor.running(VM, 512, 512, 400));
        directives.said(HarvestMode.HARVEST, LIMIT);
        loop.tick();

        assertThat(journal).containsExactly("balloon 384 MiB");
        assertThat(guests.reclaimed(VM)).contains(128L << 20);
    }

    @Test
    void takesNothingInModePause() {
        hypervisor.add(FakeHypervisor.running(VM, 512, 512, 400));
        directives.said(HarvestMode.PAUSE, LIMIT);
        loop.tick();

        assertThat(journal).isEmpty();
    }

    @Test
    void leavesABorrowerAlone() {
        hypervisor.add(FakeHypervisor.running(OTHER, 512, 512, 400));
        directives.said(HarvestMode.HARVEST, LIMIT);
        loop.tick();

        assertThat(journal).isEmpty();
    }

    @Test
    void believesTheSmallerOfWhatDriverAndDaemonSay() {
        hypervisor.add(FakeHypervisor.running(VM, 512, 512, 400));
        guests.hint(VM, new GuestHint(60L << 20, 0, 0, 0, 0, 0, Duration.ofSeconds(1)));
        directives.said(HarvestMode.HARVEST, LIMIT);
        loop.tick();

        assertThat(journal).containsExactly("balloon 484 MiB");
    }

    @Test
    void givesBackInEveryMode() {
        hypervisor.add(FakeHypervisor.running(VM, 512, 200, 10));
        loop.tick();

        assertThat(journal).containsExactly("balloon 512 MiB");
    }

    @Test
    void lendsWhatTheHostSeesAsFreed() {
        hypervisor.add(FakeHypervisor.running(VM, 512, 200, 110));
        eyes.residentMib.put(VM, 190L);
        directives.said(HarvestMode.HARVEST, LIMIT);
        loop.tick();

        assertThat(lending.offered()).isEqualTo(MemorySize.ofMib(256));
        assertThat(view().memory().harvestedBytes()).isEqualTo(312L << 20);
    }

    @Test
    void lendsNothingOfABalloonThatFreedNothing() {
        hypervisor.add(FakeHypervisor.running(VM, 512, 200, 110));
        eyes.residentMib.put(VM, 512L);
        directives.said(HarvestMode.HARVEST, LIMIT);
        loop.tick();

        assertThat(lending.offered()).isEqualTo(MemorySize.ZERO);
    }

    @Test
    void makesNoRegionsWhileItOnlyObserves() {
        hypervisor.add(FakeHypervisor.running(VM, 512, 200, 110));
        eyes.residentMib.put(VM, 190L);
        directives.said(HarvestMode.OBSERVE, LIMIT);
        loop.tick();

        assertThat(lending.offered()).isEqualTo(MemorySize.ZERO);
    }

    @Test
    void dissolvesFreeRegionsBeforeItGivesMemoryBack() {
        hypervisor.add(FakeHypervisor.running(VM, 512, 200, 110));
        eyes.residentMib.put(VM, 190L);
        directives.said(HarvestMode.HARVEST, LIMIT);
        loop.tick();
        journal.clear();
        eyes.availableMib = 1100;
        hypervisor.add(FakeHypervisor.running(VM, 512, 200, 5));
        loop.tick();

        assertThat(journal).containsExactly("resize 0 B", "balloon 512 MiB");
    }

    @Test
    void neverTouchesClaimedRegions() {
        hypervisor.add(FakeHypervisor.running(VM, 512, 200, 5));
        eyes.residentMib.put(VM, 190L);
        eyes.availableMib = 1100;
        lending.lend(2);
        directives.said(HarvestMode.HARVEST, LIMIT);
        loop.tick();

        assertThat(lending.lent()).isEqualTo(MemorySize.ofMib(128));
        assertThat(view().memory().lentBytes()).isGreaterThan(view().memory().harvestedBytes());
    }

    @Test
    void oneVmThatHangsDoesNotDelayTheOthers() {
        hypervisor.add(FakeHypervisor.running(VM, 512, 512, 400));
        hypervisor.add(FakeHypervisor.running(new UUID(0, 3), 512, 512, 300));
        hypervisor.hangOn(VM);
        directives.said(HarvestMode.HARVEST, LIMIT);
        loop.tick();

        assertThat(journal).containsExactly("balloon 410 MiB");
        hypervisor.letGo();
    }

    @Test
    void changesNothingWhileLibvirtIsDownAndSaysSo() {
        hypervisor.add(FakeHypervisor.running(VM, 512, 512, 400));
        directives.said(HarvestMode.HARVEST, LIMIT);
        hypervisor.goDown();
        loop.tick();
        assertThat(view().hypervisorReachable()).isFalse();
        assertThat(journal).isEmpty();

        hypervisor.comeBack();
        loop.tick();
        hypervisor.goDown();
        loop.tick();

        assertThat(view().vms())
                .singleElement()
                .satisfies(
                        vm -> {
                            assertThat(vm.usableBytes()).isNull();
                            assertThat(vm.excludedBecause()).contains("does not answer");
                        });
    }

    @Test
    void reportsWhyAVmIsLeftAlone() {
        VirtualMachine vm = FakeHypervisor.running(VM, 512, 512, 400);
        hypervisor.add(
                new VirtualMachine(
                        VM,
                        "a\nb",
                        vm.state(),
                        vm.maxBytes(),
                        vm.ceilingBytes(),
                        vm.balloonBytes(),
                        null,
                        null,
                        Exclusion.PASSTHROUGH));
        loop.tick();

        VmReport report = view().vms().getFirst();
        assertThat(report.name()).isEqualTo("a?b");
        assertThat(report.excludedBecause()).isEqualTo("a passed-through device pins its memory");
    }
}
