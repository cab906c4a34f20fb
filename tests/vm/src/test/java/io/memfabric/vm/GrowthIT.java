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
import io.memfabric.lab.demo.PageCount;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;

/// A VM that may grow gets a grant by itself when it needs one, and its host gives it back.
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(OrderAnnotation.class)
final class GrowthIT {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final long MIB = MemorySize.ofMib(1).bytes();

    private @Nullable Lab started;

    @BeforeAll
    void start() {
        started =
                Ground.startLab(
                        List.of(
                                VmPlan.of("a", "idle", MemorySize.ofMib(512)),
                                VmPlan.of("b", "busy", MemorySize.ofMib(192))));
        fabric().awaitVm(busy().id());
        fabric().awaitHost(lab().host("a"));
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
        return new Fabric(broker());
    }

    private BrokerClient broker() {
        return lab().broker().client();
    }

    private LabVm busy() {
        return lab().host("b").vm("busy");
    }

    private String path() {
        return "/api/v1/vms/" + busy().id();
    }

    private void want(Map<String, ?> memory) {
        broker().patch(path(), Map.of("spec", Map.of("memory", memory)));
        Await.that(
                "the host to know",
                LIMIT,
                () -> broker().get(path()).at("/status/specInForce").asBoolean());
    }

    private List<JsonNode> grants() {
        return stream(broker().get("/api/v1/grants?vmId=" + busy().id()).path("items")).toList();
    }

    private static Stream<JsonNode> stream(JsonNode items) {
        return StreamSupport.stream(items.spliterator(), false);
    }

    private static String state(JsonNode grant) {
        return grant.at("/status/state").asString("");
    }

    private Set<String> rules() {
        return stream(broker().get(path() + "/explain").path("decisions"))
                .map(decision -> decision.path("rule").asString(""))
                .collect(Collectors.toSet());
    }

    @Test
    @Order(1)
    void aFloorThatItsOperatorWantsHolds() {
        want(Map.of("floorBytes", 160 * MIB));
        fabric().setMode("a", HarvestMode.HARVEST);
        fabric().setMode("b", HarvestMode.HARVEST);
        Await.that("the floor to be met", LIMIT, () -> rules().contains("AT_FLOOR"));
        assertThat(busy().balloon()).isGreaterThanOrEqualTo(MemorySize.ofMib(160));
    }

    @Test
    @Order(2)
    void aVmThatShallLendNothingGetsItsMemoryBack() {
        want(Map.of("floorBytes", 0, "lend", false));
        Await.that("all its memory", LIMIT, () -> busy().balloon().equals(MemorySize.ofMib(192)));
    }

    @Test
    @Order(3)
    void aVmUnderPressureGrowsAndShrinksByItself() {
        Await.that("regions", LIMIT, () -> fabric().regions("a").free() >= 4);
        want(Map.of("autoGrow", Map.of("enabled", true, "maxBytes", 256 * MIB)));

        long start = System.nanoTime();
        CompletableFuture<PageCount> work =
                CompletableFuture.supplyAsync(
                        () ->
                                PageCount.of(
                                        busy().run(
                                                        "workload stamp --mib 208 --leave 8 --pace 8",
                                                        LIMIT)),
                        Thread::startVirtualThread);
        Await.that(
                "a grant that nobody asked for",
                LIMIT,
                () -> grants().stream().anyMatch(grant -> state(grant).equals("ACTIVE")));
        System.out.printf("grown after %d ms%n", (System.nanoTime() - start) / 1_000_000);
        assertThat(grants())
                .allSatisfy(
                        grant ->
                                assertThat(grant.at("/status/origin").asString(""))
                                        .isEqualTo("AUTO"));
        PageCount pages = work.join();
        assertThat(pages).isEqualTo(new PageCount(0, 208 * 256, 208 * 256, 0));
        System.out.printf("work done after %d ms%n", (System.nanoTime() - start) / 1_000_000);
        assertThat(rules()).contains("GROWTH");

        Await.that(
                "the grants to be given back",
                LIMIT,
                () -> grants().stream().allMatch(grant -> state(grant).equals("RELEASED")));
        assertThat(busy().swaps()).isEmpty();
        assertThat(rules()).contains("GROWTH_RETURNED");
        System.out.printf(
                "%d grants back after %d ms%n",
                grants().size(), (System.nanoTime() - start) / 1_000_000);
    }
}
