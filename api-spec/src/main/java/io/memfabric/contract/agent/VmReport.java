package io.memfabric.contract.agent;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One VM as its host sees it; sizes in bytes.
///
/// @param vmId the libvirt UUID of the domain
/// @param name the domain's name, 1 to 253 characters
/// @param state what the hypervisor says of it
/// @param maxBytes the memory it was defined with
/// @param balloonBytes the memory it has now (`actual` of its balloon)
/// @param usableBytes what the guest could use without swapping, or null where unknown or stale
/// @param residentBytes host memory that backs the guest's memory
/// @param guestDaemon whether its balloon daemon was heard lately
/// @param excludedBecause why its memory is left alone, or null where it takes part
/// @param strain what its guest says of its need for memory, or null where it says nothing
public record VmReport(
        UUID vmId,
        String name,
        State state,
        long maxBytes,
        long balloonBytes,
        @Nullable Long usableBytes,
        long residentBytes,
        boolean guestDaemon,
        @Nullable String excludedBecause,
        @Nullable Strain strain) {

    /// The state of a VM.
    public enum State {
        RUNNING,
        PAUSED,
        OFF
    }

    /// What a guest says of its need for memory: a hint.
    ///
    /// @param pressureCentipercent PSI `some avg10` times 100, or null without PSI
    /// @param refaultPages pages read again soon after they were dropped, since the guest's start
    public record Strain(@Nullable Long pressureCentipercent, long refaultPages) {

        public Strain {
            if (pressureCentipercent != null) {
                Check.notNegative("pressureCentipercent", pressureCentipercent);
            }
            Check.notNegative("refaultPages", refaultPages);
        }
    }

    /// A VM whose guest says nothing of its need for memory.
    public static VmReport silent(
            UUID vmId,
            String name,
            State state,
            long maxBytes,
            long balloonBytes,
            @Nullable Long usableBytes,
            long residentBytes,
            boolean guestDaemon,
            @Nullable String excludedBecause) {
        return new VmReport(
                vmId,
                name,
                state,
                maxBytes,
                balloonBytes,
                usableBytes,
                residentBytes,
                guestDaemon,
                excludedBecause,
                null);
    }

    public VmReport {
        Check.present("vmId", vmId);
        Check.name("name", name, 253);
        Check.present("state", state);
        Check.notNegative("maxBytes", maxBytes);
        Check.notNegative("balloonBytes", balloonBytes);
        Check.notNegative("residentBytes", residentBytes);
        if (usableBytes != null) {
            Check.notNegative("usableBytes", usableBytes);
        }
        if (excludedBecause != null) {
            Check.name("excludedBecause", excludedBecause, 300);
        }
    }
}
