package io.memfabric.agent.hypervisor;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A disk as the running VM has it: what is in force, not what was asked for.
///
/// @param target the hypervisor's name for it, which is not the guest's
/// @param serial the serial, or empty without one
/// @param socket the unix socket of its NBD server, or null for any other kind of disk
/// @param exportName the NBD export, or empty
/// @param writeErrorPolicy what QEMU does at a write error, or empty where it is the default
/// @param readErrorPolicy the same for reads
/// @param reconnectSeconds how long QEMU keeps trying to reach a lost server, or null where it does
///     not
/// @param way how it came into the VM
public record AttachedDisk(
        String target,
        String serial,
        @Nullable Path socket,
        String exportName,
        String writeErrorPolicy,
        String readErrorPolicy,
        @Nullable Integer reconnectSeconds,
        Way way) {

    /// Who put a disk into the VM, and so who knows of it.
    public enum Way {
        /// The hypervisor's own interface; the disk is in its description of the VM.
        DEFINITION,
        /// QEMU's monitor, where the hypervisor's interface cannot say all that matters.
        MONITOR
    }

    /// A disk of the VM's description.
    public AttachedDisk(
            String target,
            String serial,
            @Nullable Path socket,
            String exportName,
            String writeErrorPolicy,
            String readErrorPolicy,
            @Nullable Integer reconnectSeconds) {
        this(
                target,
                serial,
                socket,
                exportName,
                writeErrorPolicy,
                readErrorPolicy,
                reconnectSeconds,
                Way.DEFINITION);
    }

    /// Whether an error pauses the VM instead of reaching the guest.
    public boolean pausesOnError() {
        return writeErrorPolicy.equals("stop") && readErrorPolicy.equals("stop");
    }
}
