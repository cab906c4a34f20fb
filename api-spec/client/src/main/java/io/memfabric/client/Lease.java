package io.memfabric.client;

import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/// Memory of the fabric that a VM has until this is closed. It is volatile: it ends with the grant,
/// and with the hosts that hold its only copy.
public final class Lease implements AutoCloseable {

    /// A guest that swaps back a large grant takes its time.
    private static final Duration RELEASE = Duration.ofMinutes(10);

    private final RestConnection rest;
    private final UUID id;
    private final MemorySize size;
    private final String serial;
    private boolean released;

    Lease(RestConnection rest, JsonNode grant) {
        this.rest = rest;
        this.id = UUID.fromString(grant.path("id").asString());
        this.size = MemorySize.ofBytes(grant.at("/status/sizeBytes").asLong());
        this.serial = grant.at("/status/serial").asString();
    }

    /// The grant's identity.
    public UUID id() {
        return id;
    }

    /// What the VM got: what was asked for, in whole regions.
    public MemorySize size() {
        return size;
    }

    /// Where the guest's kernel shows it, by the disk's serial (udev's rule for virtio disks).
    public String devicePath() {
        return "/dev/disk/by-id/virtio-" + serial;
    }

    /// The disk's serial as the guest sees it in `/sys/block/*/serial`.
    public String serial() {
        return serial;
    }

    /// The grant as the broker has it now.
    public JsonNode describe() {
        return rest.get("/api/v1/grants/" + id);
    }

    /// Gives the memory back and waits until its lenders have it. Closing again does nothing.
    ///
    /// @throws FabricException where the VM cannot do without it now; the VM keeps it then, and it
    ///     can be closed again
    @Override
    public synchronized void close() {
        if (released) {
            return;
        }
        release(rest, id, RELEASE);
        released = true;
    }

    /// Releases a grant; one that holds nothing any more is released already.
    static void release(RestConnection rest, UUID id, Duration patience) {
        try {
            new Operation(rest, rest.delete("/api/v1/grants/" + id)).await(patience);
        } catch (FabricException e) {
            if (!e.code().equals("grant_not_live")) {
                throw e;
            }
        }
    }
}
