package io.memfabric.agent.command;

import io.memfabric.contract.vocabulary.AttachMode;
import java.util.Objects;
import java.util.UUID;

/// A grant whose device a VM here has, or may have.
///
/// @param serial the device's serial in the VM
/// @param phase how far its attachment is known to have come
record HeldGrant(UUID grantId, long epoch, UUID vmId, String serial, AttachMode mode, Phase phase) {

    HeldGrant {
        Objects.requireNonNull(grantId, "grantId");
        Objects.requireNonNull(vmId, "vmId");
        Objects.requireNonNull(serial, "serial");
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(phase, "phase");
    }

    enum Phase {
        /// Begun; after a crash nobody knows how far it came.
        ATTACHING,
        /// The VM uses it.
        ATTACHED
    }

    HeldGrant attached() {
        return new HeldGrant(grantId, epoch, vmId, serial, mode, Phase.ATTACHED);
    }
}
