package io.memfabric.lab;

import java.nio.file.Files;
import java.nio.file.Path;

/// The parts of memfabric that the lab runs, where the build leaves them.
///
/// @param root the repository
record Built(Path root) {

    Path brokerJar() {
        return root.resolve("broker/server/target/memfabric-broker.jar");
    }

    Path agentJar() {
        return root.resolve("host-agent/daemon/target/memfabric-agent.jar");
    }

    Path guestBalloon() {
        return root.resolve("guest-balloon/target/guest-balloon");
    }

    /// What runs an agent and holds its descriptors while it restarts, as systemd would.
    Path holder() {
        return root.resolve("deploy/lab/target/holder");
    }

    Path guestSources() {
        return root.resolve("deploy/lab/guest");
    }

    /// What the lab makes once and keeps: the guest image, answers about this machine.
    Path kept() {
        return root.resolve("target/lab");
    }

    /// The Java that runs this program runs the broker and the agents as well.
    static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /// @throws LabException where a part is not there
    Built complete() {
        for (Path part : new Path[] {brokerJar(), agentJar(), guestBalloon(), holder()}) {
            if (!Files.isRegularFile(part)) {
                throw new LabException("not built: " + part);
            }
        }
        return this;
    }
}
