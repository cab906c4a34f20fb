package io.memfabric.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.vocabulary.HarvestMode;
import io.memfabric.contract.vocabulary.MemorySize;
import io.memfabric.lab.Await;
import io.memfabric.lab.BrokerClient;
import io.memfabric.lab.Lab;
import io.memfabric.lab.LabVm;
import io.memfabric.lab.VmPlan;
import io.memfabric.lab.demo.Fabric;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import tools.jackson.databind.JsonNode;

/// Guests that lie, babble, refuse, or have lost their daemon: each harms at most itself.
@TestInstance(Lifecycle.PER_CLASS)
final class HarvestIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final MemorySize SMALL = MemorySize.ofMib(256);
    private static final MemorySize HARVESTED = MemorySize.ofMib(208);
    private static final String PORT = "/dev/virtio-ports/io.memfabric.guest.0";

    /// The lab guest's init starts a daemon anew that ends: so it has to be out of the way first.
    private static final String WITHOUT_DAEMON =
            "mv /bin/guest-balloon /bin/not-there; killall guest-balloon; sleep 2; ";

    private static final List<String> VMS = List.of("good", "mute", "liar", "stubborn", "cached");

    /// More than is free in such a VM when it has booted.
    private static final MemorySize CACHE = MemorySize.ofMib(192);

    /// A reader that stays keeps the disk's pages in the cache.
    private static final String FILL_CACHE =
            "sleep 1000000 < /dev/vda > /dev/null 2>&1 & cat /dev/vda > /dev/null; ";

    /// The guest kernel's own word on who had pages dropped, and how many.
    private static final String TRACE_RECLAIM =
            "mount -t tracefs none /sys/kernel/tracing; cd /sys/kernel/tracing/events/vmscan;"
                    + " echo 1 > mm_vmscan_memcg_reclaim_end/enable;"
                    + " echo 1 > mm_vmscan_direct_reclaim_end/enable";

    private @Nullable Lab started;

    @BeforeAll
    void start() {
        started =
                Ground.startLab(
                        List.of(
                                VmPlan.of("a", "good", SMALL),
                                VmPlan.of("a", "mute", SMALL),
                                VmPlan.of("a", "liar", SMALL),
                                VmPlan.of("a", "stubborn", SMALL),
                                VmPlan.of("a", "cached", SMALL).withDisk(CACHE)));
        for (String name : VMS) {
            fabric().awaitVm(vm(name).id());
        }
        vm("cached").ask(FILL_CACHE + TRACE_RECLAIM);
        fabric().setMode("a", HarvestMode.HARVEST);
        for (String name : VMS) {
            awaitHarvest(vm(name));
        }
    }

    @AfterAll
    void stop() {
        if (started != null) {
            started.close();
        }
    }

    private Lab lab() {
        return Objects.requireNonNull(started, "the lab did not start");
    }

    private Fabric fabric() {
        return new Fabric(lab().broker().client());
    }

    private LabVm vm(String name) {
        return lab().host("a").vm(name);
    }

    private static void awaitHarvest(LabVm vm) {
        Await.that(
                "a harvest of " + vm.name(),
                Duration.ofMinutes(2),
                () -> vm.balloon().compareTo(HARVESTED) < 0);
    }

    private List<String> rules(LabVm vm) {
        JsonNode decisions =
                lab().broker()
                        .client()
                        .get("/api/v1/vms/" + vm.id() + "/explain")
                        .path("decisions");
        return StreamSupport.stream(decisions.spliterator(), false)
                .map(decision -> decision.path("rule").asString(""))
                .toList();
    }

    private void assertThatAGoodNeighbourIsHarvestedStill() {
        lab().host("a").agent().mustLive();
        awaitHarvest(vm("good"));
        assertThat(vm("good").state()).isEqualTo("running");
    }

    @Test
    void aGuestWhoseDaemonWasKilledHasItsMemoryBackWhenItNeedsIt() {
        LabVm mute = vm("mute");
        mute.run(WITHOUT_DAEMON, LIMIT);
        MemorySize before = mute.balloon();
        assertThat(mute.run("workload stamp --mib 150 --rounds 3", LIMIT).exit()).isZero();
        assertThat(mute.balloon()).isGreaterThan(before);
        assertThatAGoodNeighbourIsHarvestedStill();
    }

    @Test
    void aGuestThatSaysThatItHasNothingGetsItsMemoryBackAndNobodyElseSuffers() {
        LabVm liar = vm("liar");
        liar.run(WITHOUT_DAEMON, LIMIT);
        // HELLO without features, then for a while STATS whose every figure is zero.
        String hello = "\\0\\0\\0\\034\\1\\1\\0\\0" + "\\0".repeat(24);
        String stats = "\\0\\0\\0\\144\\1\\2\\0\\0" + "\\0".repeat(96);
        liar.run(
                "( printf '%s'; for i in $(seq 40); do printf '%s'; sleep 0.2; done ) > %s"
                        .formatted(hello, stats, PORT),
                LIMIT);
        assertThat(rules(liar)).contains("NEARLY_OUT");
        assertThatAGoodNeighbourIsHarvestedStill();

        liar.run("timeout 5 cat /dev/urandom > " + PORT, LIMIT);
        assertThatAGoodNeighbourIsHarvestedStill();
    }

    @Test
    void aGuestsDaemonHasColdPagesDroppedBeforeItsBalloonNeedsThem() {
        String trace = vm("cached").ask("cat /sys/kernel/tracing/trace");
        long asked = pagesDropped(trace, "mm_vmscan_memcg_reclaim_end");
        long waitedFor = pagesDropped(trace, "mm_vmscan_direct_reclaim_end");
        System.out.printf(
                "pages dropped: %d at the daemon's word, %d while somebody waited%n",
                asked, waitedFor);
        assertThat(trace).contains("guest-balloon");
        assertThat(asked).isGreaterThan(MemorySize.ofMib(8).bytes() / 4096);
        assertThat(waitedFor).isLessThan(asked);
    }

    private static long pagesDropped(String trace, String event) {
        return trace.lines()
                .filter(line -> line.contains(event + ": nr_reclaimed="))
                .mapToLong(line -> Long.parseLong(line.replaceFirst(".*nr_reclaimed=", "").strip()))
                .sum();
    }

    @Test
    void aGuestThatTakesItsBalloonAwayIsLeftAlone() {
        LabVm stubborn = vm("stubborn");
        stubborn.run("cd /sys/bus/virtio/drivers/virtio_balloon && echo virtio* > unbind", LIMIT);
        Await.that("the reason", LIMIT, () -> rules(stubborn).contains("STALE"));
        assertThat(stubborn.state()).isEqualTo("running");
        assertThatAGoodNeighbourIsHarvestedStill();
    }

    @Test
    void aJobLockThatIsHeldForHalfAMinuteHoldsUpNobodyElse() {
        // A dump into a pipe that nobody reads holds libvirt's job lock of its VM.
        onHost(
                "sh",
                "-c",
                "mkfifo /run/lab/never; exec > /dev/null 2>&1;"
                        + " sleep 1000 < /run/lab/never & echo $! > /run/lab/reader;"
                        + " virsh dump --live cached /run/lab/never &");
        try {
            Await.that("the job", LIMIT, () -> job("cached").contains("Dump"));
            long start = System.nanoTime();
            Await.that("the reason", LIMIT, () -> rules(vm("cached")).contains("EXCLUDED"));
            LabVm good = vm("good");
            awaitHarvest(good);
            MemorySize before = good.balloon();
            assertThat(good.run("workload stamp --mib 150 --rounds 2", LIMIT).exit()).isZero();
            assertThat(good.balloon()).isGreaterThan(before);
            Await.that(
                    "half a minute with the lock held",
                    LIMIT,
                    () -> System.nanoTime() - start > Duration.ofSeconds(30).toNanos());
            assertThat(job("cached")).contains("Dump");
            assertThat(excludedBecause("cached")).contains("long job");
            assertThat(excludedBecause("good")).isEmpty();
        } finally {
            onHost("sh", "-c", "virsh domjobabort cached; kill $(cat /run/lab/reader)");
        }
        Await.that("the end of the job", LIMIT, () -> excludedBecause("cached").isEmpty());
        MemorySize before = vm("cached").balloon();
        assertThat(vm("cached").run("workload stamp --mib 170 --rounds 2", LIMIT).exit()).isZero();
        assertThat(vm("cached").balloon()).isGreaterThan(before);
    }

    private String onHost(String... words) {
        return lab().host("a").namespace().run(words);
    }

    private String job(String vm) {
        return onHost("virsh", "domjobinfo", vm);
    }

    private String excludedBecause(String vm) {
        return lab().broker()
                .client()
                .get("/api/v1/vms/" + vm(vm).id())
                .at("/status/excludedBecause")
                .asString("");
    }

    @Test
    void oneSwitchEndsAllHarvestingAndReliefGoesOn() {
        BrokerClient broker = lab().broker().client();
        broker.patch("/api/v1/fabric", Map.of("spec", Map.of("harvesting", "STOPPED")));
        try {
            Await.that(
                    "the host to pause",
                    LIMIT,
                    () ->
                            fabric().host("a")
                                    .map(h -> h.path("status").path("mode").asString(""))
                                    .filter("PAUSE"::equals)
                                    .isPresent());
            LabVm good = vm("good");
            MemorySize before = good.balloon();
            good.run("workload stamp --mib 150 --rounds 2", LIMIT);
            assertThat(good.balloon()).isGreaterThan(before);
        } finally {
            broker.patch("/api/v1/fabric", Map.of("spec", Map.of("harvesting", "ALLOWED")));
        }
        awaitHarvest(vm("good"));
    }
}
