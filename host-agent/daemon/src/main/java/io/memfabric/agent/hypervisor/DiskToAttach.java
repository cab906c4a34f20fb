package io.memfabric.agent.hypervisor;

import io.memfabric.contract.vocabulary.FabricLimits;
import java.nio.file.Path;

/// A network disk to plug into a VM: an NBD export on a unix socket.
///
/// @param serial how the guest recognises it, 1 to 20 letters, digits and dashes
/// @param socket the NBD server's socket
/// @param exportName the NBD export
public record DiskToAttach(String serial, Path socket, String exportName) {

    public DiskToAttach {
        if (serial.length() > FabricLimits.SERIAL_CHARS || !serial.matches("[A-Za-z0-9-]+")) {
            throw new IllegalArgumentException("a serial is 1 to 20 letters, digits and dashes");
        }
    }
}
