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

    private @Nullable Lab started;

    @BeforeAll
    void start() {
        started =
                Ground.startLab(
                        List.of(
                                VmPlan.of("a", "good", SMALL),
                                VmPlan.of("a", "mute", SMALL),
                                VmPlan.of("a", "liar", SMALL),
                                VmPlan.of("a", "stubborn", SMALL)));
        for (String name : List.of("good", "mute", "liar", "stubborn")) {
            fabric().awaitVm(vm(name).id());
        }
        fabric().setMode("a", HarvestMode.HARVEST);
        for (String name : List.of("good", "mute", "liar", "stubborn")) {
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
    void aGuestThatTakesItsBalloonAwayIsLeftAlone() {
        LabVm stubborn = vm("stubborn");
        stubborn.run("cd /sys/bus/virtio/drivers/virtio_balloon && echo virtio* > unbind", LIMIT);
        Await.that("the reason", LIMIT, () -> rules(stubborn).contains("STALE"));
        assertThat(stubborn.state()).isEqualTo("running");
        assertThatAGoodNeighbourIsHarvestedStill();
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
