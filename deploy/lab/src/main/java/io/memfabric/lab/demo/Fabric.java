package io.memfabric.lab.demo;

import io.memfabric.contract.vocabulary.HarvestMode;
import io.memfabric.contract.vocabulary.MemorySize;
import io.memfabric.lab.Await;
import io.memfabric.lab.BrokerClient;
import io.memfabric.lab.LabException;
import io.memfabric.lab.LabHost;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/// The questions and orders that the demo has for the broker's REST API.
public final class Fabric {

    private static final Duration LIMIT = Duration.ofMinutes(1);

    /// Regions of one lender that nobody holds, and that grants hold.
    public record Regions(long free, long claimed) {}

    private final BrokerClient broker;

    public Fabric(BrokerClient broker) {
        this.broker = broker;
    }

    /// The host of that name, once its agent reports.
    public Optional<JsonNode> host(String name) {
        return all("/api/v1/hosts")
                .filter(host -> host.path("status").path("name").asString("").equals(name))
                .findFirst();
    }

    /// The id of a host that is known.
    public UUID hostId(String name) {
        return host(name)
                .map(Fabric::id)
                .orElseThrow(() -> new LabException("the broker knows no host " + name));
    }

    /// Waits until a host's agent reports.
    public void awaitHost(LabHost host) {
        String name = host.name();
        Await.that(
                "the agent of host " + name + " to report",
                LIMIT,
                () -> {
                    host.agent().mustLive();
                    return host(name)
                            .filter(h -> h.path("status").path("reachable").asBoolean())
                            .isPresent();
                });
    }

    /// Waits until the broker has heard of a VM.
    public JsonNode awaitVm(UUID vm) {
        return Await.answer(
                "the broker to know the VM " + vm,
                LIMIT,
                () ->
                        Optional.of(broker.tryGet("/api/v1/vms/" + vm))
                                .filter(BrokerClient.Reply::ok)
                                .map(BrokerClient.Reply::body));
    }

    public void setMode(String hostName, HarvestMode mode) {
        broker.patch(
                "/api/v1/hosts/" + hostId(hostName), Map.of("spec", Map.of("mode", mode.name())));
    }

    /// Puts a host into service, or takes it out.
    void setScheduling(String hostName, String scheduling) {
        broker.patch(
                "/api/v1/hosts/" + hostId(hostName),
                Map.of("spec", Map.of("scheduling", scheduling)));
    }

    /// Asks for memory back that a host offers.
    public UUID recall(String hostName, MemorySize size, int deadlineSeconds) {
        return id(
                broker.post(
                        "/api/v1/hosts/" + hostId(hostName) + "/recalls",
                        Map.of(
                                "spec",
                                Map.of(
                                        "bytes",
                                        size.bytes(),
                                        "deadlineSeconds",
                                        deadlineSeconds))));
    }

    /// Lets the host of a recall lend again.
    public void endRecall(UUID recall) {
        BrokerClient.Reply reply = broker.tryDelete("/api/v1/recalls/" + recall);
        if (!reply.ok()) {
            throw new LabException("end of recall: " + reply.status() + " " + reply.body());
        }
    }

    /// What the broker says of a host's recalls.
    JsonNode recalls(String hostName) {
        return broker.get("/api/v1/recalls?hostId=" + hostId(hostName));
    }

    /// The regions of a lender in the broker's ledger.
    public Regions regions(String hostName) {
        Map<Boolean, Long> byFree =
                all("/api/v1/regions?hostId=" + hostId(hostName))
                        .map(region -> region.path("status").path("state").asString(""))
                        .collect(Collectors.partitioningBy("FREE"::equals, Collectors.counting()));
        return new Regions(
                Objects.requireNonNull(byFree.get(true)),
                Objects.requireNonNull(byFree.get(false)));
    }

    /// Asks for swap for a VM and waits until the grant is in force.
    ///
    /// @throws LabException where the broker refuses or does not get it done
    public UUID grant(UUID vm, MemorySize size, int copies) {
        JsonNode operation =
                broker.post("/api/v1/grants", request(vm, size, copies)).path("operation");
        JsonNode done = awaitOperation(operation);
        return UUID.fromString(done.path("grantId").asString());
    }

    /// Grants memory to a VM as a raw disk and waits until it is plugged in.
    ///
    /// @throws LabException where the broker refuses or does not get it done
    public UUID grantDevice(UUID vm, MemorySize size) {
        JsonNode operation =
                broker.post("/api/v1/grants", request(vm, size, 1, "DEVICE")).path("operation");
        return UUID.fromString(awaitOperation(operation).path("grantId").asString());
    }

    /// The body that asks for a grant of one copy.
    public static Map<String, ?> request(UUID vm, MemorySize size) {
        return request(vm, size, 1);
    }

    private static Map<String, ?> request(UUID vm, MemorySize size, int copies) {
        return request(vm, size, copies, "SWAP");
    }

    private static Map<String, ?> request(UUID vm, MemorySize size, int copies, String mode) {
        return Map.of(
                "spec",
                Map.of(
                        "vmId",
                        vm.toString(),
                        "sizeBytes",
                        size.bytes(),
                        "attachMode",
                        mode,
                        "latencyClass",
                        "ANY",
                        "copies",
                        copies));
    }

    /// Gives a grant another size and waits until it has it.
    ///
    /// @throws LabException where the broker refuses or does not get it done
    public void resize(UUID grant, MemorySize size) {
        awaitOperation(
                broker.patch(
                                "/api/v1/grants/" + grant,
                                Map.of("spec", Map.of("sizeBytes", size.bytes())))
                        .path("operation"));
    }

    public JsonNode grant(UUID grant) {
        return broker.get("/api/v1/grants/" + grant);
    }

    /// The state of a grant, such as `ACTIVE`.
    public String grantState(UUID grant) {
        return grant(grant).path("status").path("state").asString("");
    }

    /// How many copies on different hosts the part of a grant has that has the fewest.
    public long copies(UUID grant) {
        return stream(grant(grant).path("status").path("extents"))
                .mapToLong(
                        extent ->
                                stream(extent.path("legs"))
                                        .filter(leg -> leg.path("use").asString("").equals("HELD"))
                                        .filter(
                                                leg ->
                                                        leg.path("state")
                                                                .asString("")
                                                                .equals("LIVE"))
                                        .map(leg -> leg.path("hostId").asString(""))
                                        .distinct()
                                        .count())
                .min()
                .orElse(0);
    }

    /// Gives a grant back and waits until nothing is left of it but its record.
    public void release(UUID grant) {
        BrokerClient.Reply reply = broker.tryDelete("/api/v1/grants/" + grant);
        if (!reply.ok()) {
            throw new LabException("release: " + reply.status() + " " + reply.body());
        }
        awaitOperation(reply.body().path("operation"));
    }

    private JsonNode awaitOperation(JsonNode operation) {
        String id = operation.isObject() ? operation.path("id").asString() : operation.asString();
        JsonNode done =
                Await.answer(
                        "the operation " + id,
                        LIMIT,
                        () ->
                                Optional.of(broker.get("/api/v1/operations/" + id + "?wait=10"))
                                        .filter(o -> o.path("done").asBoolean()));
        JsonNode error = done.path("error");
        if (error.isObject()) {
            throw new LabException(
                    "%s: %s"
                            .formatted(
                                    error.path("code").asString(),
                                    error.path("detail").asString()));
        }
        return done;
    }

    private Stream<JsonNode> all(String path) {
        return stream(broker.get(path).path("items"));
    }

    private static Stream<JsonNode> stream(JsonNode items) {
        return StreamSupport.stream(items.spliterator(), false);
    }

    private static UUID id(JsonNode resource) {
        return UUID.fromString(resource.path("id").asString());
    }
}
