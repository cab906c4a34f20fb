package io.memfabric.broker.access;

import java.util.UUID;

/// Who calls, as its token says.
public sealed interface Caller {

    /// The request attribute that holds the caller.
    String ATTRIBUTE = "io.memfabric.broker.caller";

    /// A person or a control plane.
    record Api(UUID tokenId) implements Caller {}

    /// An enrolled host's agent.
    record Agent(UUID hostId) implements Caller {}

    /// A host that is about to enroll.
    record Joining(JoinTicket ticket) implements Caller {}
}
