package io.memfabric.agent;

import java.util.Optional;

/// The version of this build, from its jar.
final class AgentVersion {

    static final String VALUE =
            Optional.ofNullable(AgentVersion.class.getPackage().getImplementationVersion())
                    .orElse("unpackaged");

    private AgentVersion() {}
}
