package io.memfabric.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.HarvestMode;
import io.memfabric.contract.vocabulary.MemorySize;
import io.memfabric.lab.Await;
import io.memfabric.lab.BrokerClient;
import io.memfabric.lab.Lab;
import io.memfabric.lab.LabAgent;
import io.memfabric.lab.LabVm;
import io.memfabric.lab.VmPlan;
import io.memfabric.lab.demo.Fabric;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// Orders that make no sense and parts that fail: a clear answer, nothing half done, and the rest
/// goes on.
@TestInstance(Lifecycle.PER_CLASS)
final class BadInputIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final MemorySize SMALL = MemorySize.ofMib(192);

    private @Nullable Lab started;

    @BeforeAll
    void start() {
        started =
                Ground.startLab(
                        List.of(
                                VmPlan.of("a", "plain", SMALL),
                                VmPlan.of("b", "rigid", SMALL).withoutBalloon()));
        fabric().awaitVm(vm("a", "plain").id());
        fabric().awaitVm(vm("b", "rigid").id());
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

    private LabVm vm(String host, String name) {
        return lab().host(host).vm(name);
    }

    private BrokerClient.Reply askFor(UUID vm, MemorySize size) {
        return lab().broker().client().tryPost("/api/v1/grants", Fabric.request(vm, size));
    }

    private void assertNothingWasGranted() {
        assertThat(lab().broker().client().get("/api/v1/grants").path("items").isEmpty()).isTrue();
    }

    @Test
    void aGrantForAnUnknownVmIsRefused() {
        BrokerClient.Reply reply = askFor(UUID.randomUUID(), FabricLimits.REGION);
        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.code()).isEqualTo("vm_not_found");
        assertNothingWasGranted();
    }

    @Test
    void aGrantOfNothingIsRefused() {
        BrokerClient.Reply reply = askFor(vm("a", "plain").id(), MemorySize.ZERO);
        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.code()).isEqualTo("invalid_size");
        assertNothingWasGranted();
    }

    @Test
    void aGrantLargerThanTheLimitIsRefused() {
        BrokerClient.Reply reply =
                askFor(vm("a", "plain").id(), FabricLimits.GRANT_MAX.plus(FabricLimits.REGION));
        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.code()).isEqualTo("invalid_size");
        assertNothingWasGranted();
    }

    @Test
    void aGrantLargerThanWhatIsLentIsRefused() {
        BrokerClient.Reply reply = askFor(vm("a", "plain").id(), MemorySize.ofGib(16));
        assertThat(reply.status()).isEqualTo(409);
        assertThat(reply.code()).isEqualTo("insufficient_capacity");
        assertNothingWasGranted();
    }

    @Test
    void aVmWithoutABalloonIsLeftAloneAndTheReasonIsSaid() {
        Await.that(
                "the reason",
                LIMIT,
                () ->
                        !fabric().awaitVm(vm("b", "rigid").id())
                                .path("status")
                                .path("excludedBecause")
                                .asString("")
                                .isEmpty());
    }

    @Test
    void aLibvirtThatDiesIsReportedAndComesBack() {
        LabAgent agent = lab().host("b").agent();
        long connections = agent.logged("connected to libvirt");
        long losses = agent.logged("libvirt_down");
        lab().host("b").killLibvirtd();
        try {
            Await.that("the agent to say so", LIMIT, () -> agent.logged("libvirt_down") > losses);
        } finally {
            lab().host("b").restartLibvirtd();
        }
        Await.that(
                "the agent to be well again",
                LIMIT,
                () -> agent.logged("connected to libvirt") > connections);
        assertThat(vm("b", "rigid").state()).isEqualTo("running");
        fabric().awaitHost(lab().host("b"));
    }

    @Test
    void aHostWithoutBrokerGivesItsVmsTheirMemoryBack() {
        LabVm plain = vm("a", "plain");
        fabric().setMode("a", HarvestMode.HARVEST);
        Await.that(
                "a harvest",
                LIMIT,
                () -> plain.balloon().compareTo(SMALL.minusOrZero(MemorySize.ofMib(32))) < 0);
        MemorySize harvested = plain.balloon();

        lab().broker().kill();
        try {
            plain.run("workload stamp --mib 120 --rounds 3", LIMIT);
            Await.that("relief", LIMIT, () -> plain.balloon().compareTo(harvested) > 0);
        } finally {
            lab().broker().start();
            lab().broker().awaitReady();
        }
        fabric().awaitHost(lab().host("a"));
    }
}
