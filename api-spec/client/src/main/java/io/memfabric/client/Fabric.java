package io.memfabric.client;

import io.memfabric.contract.vocabulary.LatencyClass;
import io.memfabric.contract.vocabulary.MemorySize;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/// A fabric of memory, as its users see it. Safe for use by several threads.
///
/// ```java
/// try (Fabric fabric = Fabric.connect("https://broker:7070");
///         Lease memory = fabric.allocate("db-1", MemorySize.ofGib(10), LatencyClass.LOW)) {
///     use(memory.devicePath());
/// }
/// ```
public final class Fabric implements AutoCloseable {

    private final RestConnection rest;

    private Fabric(RestConnection rest) {
        this.rest = rest;
    }

    /// A broker at this address, with the token of the environment; see [Profile].
    public static Fabric connect(String url) {
        return connect(Profile.ofEnvironment(url));
    }

    public static Fabric connect(Profile profile) {
        return new Fabric(new RestConnection(profile));
    }

    /// Gives a VM a raw device of this size and waits until the VM has it.
    ///
    /// @throws FabricException with the broker's code; nothing is left allocated then
    public Lease allocate(UUID vm, MemorySize size, LatencyClass latency) {
        return allocate(GrantOrder.of(vm, size).withLatency(latency));
    }

    /// The same for a VM by its name or id, see [#vm].
    public Lease allocate(String vm, MemorySize size, LatencyClass latency) {
        return allocate(vm(vm), size, latency);
    }

    /// Gives a VM what was ordered and waits until the VM has it.
    ///
    /// @throws FabricException with the broker's code, `operation_timeout` where it took longer than
    ///     the order's patience; nothing is left allocated then, or is being released
    public Lease allocate(GrantOrder order) {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("vmId", order.vm());
        spec.put("sizeBytes", order.size().bytes());
        spec.put("attachMode", order.mode());
        spec.put("latencyClass", order.latency());
        spec.put("copies", order.copies());
        Operation creation = new Operation(rest, rest.post("/api/v1/grants", Map.of("spec", spec)));
        try {
            UUID id = creation.await(order.patience()).grantId();
            return new Lease(rest, rest.get("/api/v1/grants/" + id));
        } catch (FabricException e) {
            giveUp(creation.grantId(), e);
            throw e;
        }
    }

    /// Begins to release what its caller will never hear of again.
    private void giveUp(UUID grant, FabricException why) {
        boolean interrupted = Thread.interrupted();
        try {
            rest.delete("/api/v1/grants/" + grant);
        } catch (FabricException e) {
            if (!e.code().equals("grant_not_live")) {
                why.addSuppressed(e);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// The VM of this name, or with this id.
    ///
    /// @throws FabricException `vm_not_found`, or `vm_ambiguous` where several hosts have one of that
    ///     name
    public UUID vm(String nameOrId) {
        List<JsonNode> found =
                rest.list("/api/v1/vms?pageSize=200")
                        .filter(
                                vm ->
                                        nameOrId.equals(vm.at("/status/name").asString(""))
                                                || nameOrId.equalsIgnoreCase(
                                                        vm.path("id").asString("")))
                        .limit(2)
                        .toList();
        if (found.isEmpty()) {
            throw new FabricException("vm_not_found", 404, true, "no host has a VM " + nameOrId);
        }
        if (found.size() > 1) {
            throw new FabricException(
                    "vm_ambiguous",
                    409,
                    false,
                    "several VMs are called " + nameOrId + ": use the id");
        }
        return UUID.fromString(found.getFirst().path("id").asString());
    }

    /// Everything else that the broker offers.
    public RestConnection rest() {
        return rest;
    }

    @Override
    public void close() {
        rest.close();
    }
}
