package io.memfabric.broker.grant;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.policy.ledger.Overtaken;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import io.memfabric.broker.web.Revision;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.annotation.JsonDeserialize;

@RestController
class ResizeController {

    private final Ledger ledger;
    private final Resizing resizing;

    ResizeController(Ledger ledger, Resizing resizing) {
        this.ledger = ledger;
        this.resizing = resizing;
    }

    record GrantPatch(@Nullable SpecPatch spec) {}

    record SpecPatch(@JsonDeserialize(using = WholeBytes.class) @Nullable Long sizeBytes) {}

    @PatchMapping("/api/v1/grants/{id}")
    ResponseEntity<?> resize(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            @PathVariable UUID id,
            @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
            @RequestParam(defaultValue = "false") boolean validateOnly,
            @RequestBody GrantPatch patch) {
        long bytes =
                Required.field("spec.sizeBytes", Required.field("spec", patch.spec()).sizeBytes());
        if (bytes <= 0 || bytes > FabricLimits.GRANT_MAX.bytes()) {
            throw new Problem(
                    ProblemCode.INVALID_SIZE,
                    "sizeBytes must be 1 to " + FabricLimits.GRANT_MAX.bytes() + ".");
        }
        Optional<UUID> only = caller.onlyTenant();
        if (validateOnly) {
            ResizeView view = ledger.change(() -> resizing.validate(id, bytes, only));
            return ResponseEntity.ok(only.isPresent() ? view.withoutHosts() : view);
        }
        long expected = Revision.required(ifMatch);
        try {
            return GrantController.accepted(
                    ledger.change(() -> resizing.begin(id, expected, bytes, only)));
        } catch (Overtaken e) {
            throw new Problem(
                    ProblemCode.INSUFFICIENT_CAPACITY, "Other grants took the free regions first.");
        }
    }
}
