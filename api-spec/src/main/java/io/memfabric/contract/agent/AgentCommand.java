package io.memfabric.contract.agent;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.UUID;

/// One thing that the broker wants a host to do. Idempotent by id: a repeated command answers the
/// result it had.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = PrepareRegions.class, name = "prepare-regions"),
    @JsonSubTypes.Type(value = FenceRegions.class, name = "fence-regions"),
    @JsonSubTypes.Type(value = AttachGrant.class, name = "attach-grant"),
    @JsonSubTypes.Type(value = ReplaceLegs.class, name = "replace-legs"),
    @JsonSubTypes.Type(value = DropLegs.class, name = "drop-legs"),
    @JsonSubTypes.Type(value = DetachGrant.class, name = "detach-grant")
})
public sealed interface AgentCommand
        permits PrepareRegions, FenceRegions, AttachGrant, ReplaceLegs, DropLegs, DetachGrant {

    /// Identity of the command; one effect however often it arrives.
    UUID commandId();

    /// The grant it is about.
    UUID grantId();

    /// The grant's epoch under which it was given.
    long epoch();
}
