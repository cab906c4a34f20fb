package io.memfabric.broker.event;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Something that has just happened.
///
/// @param type a stable snake_case name
/// @param detail one sentence for an operator
public record NewEvent(
        String type,
        @Nullable UUID hostId,
        @Nullable UUID vmId,
        @Nullable UUID grantId,
        String detail) {

    public static NewEvent of(String type, String detail) {
        return new NewEvent(type, null, null, null, detail);
    }

    public NewEvent host(UUID id) {
        return new NewEvent(type, id, vmId, grantId, detail);
    }

    public NewEvent vm(UUID id) {
        return new NewEvent(type, hostId, id, grantId, detail);
    }

    public NewEvent grant(UUID id, UUID grantVmId) {
        return new NewEvent(type, hostId, grantVmId, id, detail);
    }
}
