package io.memfabric.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.client.Lease;
import io.memfabric.client.Profile;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.LatencyClass;
import io.memfabric.contract.vocabulary.MemorySize;
import io.memfabric.lab.GuestPort;
import io.memfabric.lab.Lab;
import io.memfabric.lab.LabBroker;
import io.memfabric.lab.demo.Fabric;
import io.memfabric.lab.demo.Harvested;
import io.memfabric.lab.demo.MainJob;
import io.memfabric.lab.demo.PageCount;
import io.memfabric.lab.demo.Returned;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;

/// The main job, step after step on one lab: each test needs those before it.
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(OrderAnnotation.class)
final class MainJobIT {

    private static final MemorySize GROWN =
            new MemorySize(MainJob.GRANT.bytes() + FabricLimits.REGION.bytes());

    private static final long GRANT_REGIONS = MainJob.GRANT.bytes() / FabricLimits.REGION.bytes();

    private @Nullable Lab started;
    private @Nullable MainJob job;
    private @Nullable UUID grant;
    private @Nullable Returned lent;

    @BeforeAll
    void start() {
        Lab lab = Ground.startLab(MainJob.vms(2));
        started = lab;
        job = new MainJob(lab, line -> System.out.println("job: " + line));
        job.awaitReady();
    }

    @AfterAll
    void stop() {
        if (started != null) {
            started.close();
        }
    }

    private MainJob job() {
        return Objects.requireNonNull(job, "the lab did not start");
    }

    @Test
    @Order(1)
    void withoutAGrantTheWorkloadCannotFinish() {
        assertThat(job().runWorkload().exit()).isNotZero();
    }

    @Test
    @Order(2)
    void aHostInObserveTakesNothing() {
        assertThat(job().idle().balloon()).isEqualTo(job().idle().memory());
        assertThat(job().fabric().regions(MainJob.LENDER)).isEqualTo(new Fabric.Regions(0, 0));
    }

    @Test
    @Order(3)
    void mostOfTheIdleMemoryIsHarvestedAndTheHostSeesIt() {
        Harvested harvested = job().harvest();
        assertThat(harvested.shareOfIdle()).isGreaterThanOrEqualTo(0.7);
        assertThat(harvested.residentAfter()).isLessThanOrEqualTo(harvested.balloonAfter());
    }

    @Test
    @Order(4)
    void theHarvestBecomesLockedRegions() {
        assertThat(job().awaitRegions().free()).isGreaterThanOrEqualTo(GRANT_REGIONS);
        assertThat(job().lender().agent().regionsResident()).isGreaterThanOrEqualTo(MainJob.GRANT);
    }

    @Test
    @Order(5)
    void aGrantBecomesSwapInTheGuest() {
        grant = job().grant();
        lent = MainJob.lent(job().lender());
        assertThat(job().fabric().regions(MainJob.LENDER).claimed()).isEqualTo(GRANT_REGIONS);
        assertThat(job().busy().meminfo("SwapTotal"))
                .isGreaterThan(MainJob.GRANT.minusOrZero(MemorySize.ofMib(1)));
    }

    @Test
    @Order(6)
    void theGrantGrowsByAFurtherDeviceWhileTheGuestGoesOn() {
        job().fabric().resize(Objects.requireNonNull(grant, "there was no grant"), GROWN);
        assertThat(job().busy().swaps()).hasSize(2);
        assertThat(job().busy().meminfo("SwapTotal"))
                .isGreaterThan(GROWN.minusOrZero(MemorySize.ofMib(1)));
        assertThat(job().fabric().regions(MainJob.LENDER).claimed()).isEqualTo(GRANT_REGIONS + 1);
    }

    @Test
    @Order(7)
    void theWorkloadFinishesAndEveryPageIsRight() {
        PageCount pages = job().runWorkload();
        assertThat(pages)
                .isEqualTo(
                        new PageCount(
                                0,
                                MainJob.WORKLOAD.bytes() / FabricLimits.PAGE.bytes(),
                                MainJob.WORKLOAD.bytes() / FabricLimits.PAGE.bytes(),
                                0));
    }

    @Test
    @Order(8)
    void theGuestsDaemonAndTheAgentsAreSmall() {
        assertThat(job().busy().balloonDaemonResident()).isLessThan(MemorySize.ofMib(1));
        assertThat(job().lender().agent().residentWithoutRegions())
                .isLessThan(MemorySize.ofMib(200));
        assertThat(job().borrower().agent().residentWithoutRegions())
                .isLessThan(MemorySize.ofMib(200));
    }

    @Test
    @Order(9)
    void theGrantShrinksWhenTheGuestHasSwappedOff() {
        job().fabric().resize(Objects.requireNonNull(grant, "there was no grant"), MainJob.GRANT);
        assertThat(job().busy().swaps()).hasSize(1);
        assertThat(job().busy().meminfo("SwapTotal")).isLessThan(MainJob.GRANT);
        assertThat(job().fabric().regions(MainJob.LENDER).claimed()).isEqualTo(GRANT_REGIONS);
    }

    @Test
    @Order(10)
    void aReleaseEmptiesTheGuestAndTheLender() {
        job().release(Objects.requireNonNull(grant, "there was no grant"));
        assertThat(job().busy().swaps()).isEmpty();
        assertThat(job().fabric().regions(MainJob.LENDER).claimed()).isZero();
    }

    @Test
    @Order(11)
    void fourLinesGiveAProgramInTheVmADeviceOfRemoteMemory() {
        LabBroker broker = Objects.requireNonNull(started).broker();
        Profile profile = new Profile(broker.url(), broker.token(), Optional.empty());
        UUID vm = job().busy().id();
        GuestPort.Answer checked;
        String serial;
        try (var fabric = io.memfabric.client.Fabric.connect(profile);
                Lease memory = fabric.allocate(vm, MemorySize.ofMib(128), LatencyClass.ANY)) {
            serial = memory.serial();
            checked =
                    job().busy()
                            .run(
                                    "workload device --mib 128 --path /dev/$(%s)"
                                            .formatted(nameOf(serial)),
                                    Duration.ofMinutes(3));
        }
        assertThat(checked.exit()).as(checked.text()).isZero();
        assertThat(checked.text())
                .endsWith("pages_written=32768 pages_verified=32768 wrong_pages=0");
        assertThat(job().busy().run(nameOf(serial), Duration.ofSeconds(20)).text()).isEmpty();
        assertThat(job().fabric().regions(MainJob.LENDER).claimed()).isZero();
    }

    /// A shell command that prints the name of the guest's disk with this serial.
    private static String nameOf(String serial) {
        return "grep -slx %s /sys/block/*/serial | cut -d / -f 4".formatted(serial);
    }

    @Test
    @Order(12)
    void theLendersVmGetsItsMemoryBack() {
        MainJob.WakeUp wakeUp =
                job().wakeUp(job().lender(), Objects.requireNonNull(lent, "there was no grant"));
        assertThat(wakeUp.pages().everyPageRight()).isTrue();
        assertThat(wakeUp.returned().shareOf(MainJob.GRANT)).isGreaterThanOrEqualTo(0.999);
    }
}
