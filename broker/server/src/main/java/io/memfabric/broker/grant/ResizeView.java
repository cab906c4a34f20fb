package io.memfabric.broker.grant;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// How a grant would get to another size, or why it cannot.
///
/// @param code why it cannot, or null
/// @param because one sentence for an operator
/// @param addedBytes the size of the device that would come, 0 for none
/// @param leaving the devices that would go, in this order
/// @param reachable the sizes to which it can shrink, where the wanted one is none of them
/// @param placement where the device that would come would go, or null where none would
@JsonInclude(JsonInclude.Include.NON_NULL)
record ResizeView(
        UUID grantId,
        long fromBytes,
        long toBytes,
        boolean possible,
        @Nullable String code,
        String because,
        long addedBytes,
        List<UUID> leaving,
        @Nullable List<Long> reachable,
        @Nullable PlacementView placement) {

    ResizeView withoutHosts() {
        return new ResizeView(
                grantId,
                fromBytes,
                toBytes,
                possible,
                code,
                because,
                addedBytes,
                leaving,
                reachable,
                placement == null ? null : placement.withoutHosts());
    }
}
