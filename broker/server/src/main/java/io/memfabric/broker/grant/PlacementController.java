package io.memfabric.broker.grant;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.policy.GrantState;
import io.memfabric.broker.web.Problem;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

@RestController
class PlacementController {

    private final GrantRepository grants;
    private final GrantParts parts;
    private final JsonMapper json;

    PlacementController(GrantRepository grants, GrantParts parts, JsonMapper json) {
        this.grants = grants;
        this.parts = parts;
        this.json = json;
    }

    /// @param placement what its placement saw and answered, or null where that was not kept
    record Explanation(
            UUID grantId,
            GrantState state,
            GrantView.@Nullable ProblemView problem,
            @Nullable JsonNode placement) {}

    @GetMapping("/api/v1/grants/{id}/explain")
    Explanation explain(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller, @PathVariable UUID id) {
        GrantEntity grant = grants.findById(id).orElseThrow(() -> Problem.notFound("grant", id));
        return new Explanation(
                id,
                grant.state(),
                GrantView.ProblemView.of(grant.problem()),
                parts.placement(id)
                        .map(json::readTree)
                        .map(tree -> caller.onlyTenant().isEmpty() ? tree : withoutHosts(tree))
                        .orElse(null));
    }

    /// What a tenant may know of it: which hosts there are is not his to know.
    private static JsonNode withoutHosts(JsonNode placement) {
        if (placement instanceof ObjectNode whole) {
            whole.set("lenders", whole.arrayNode());
            if (whole.get("seen") instanceof ObjectNode seen) {
                seen.set("examples", seen.arrayNode());
            }
        }
        return placement;
    }
}
