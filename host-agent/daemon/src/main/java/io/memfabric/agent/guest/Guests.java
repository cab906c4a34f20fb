package io.memfabric.agent.guest;

import io.memfabric.contract.guest.GuestFrame.Reply;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/// The balloon daemons inside this host's guests. What they say is a hint, never a fact.
public interface Guests {

    /// What the guest last said about its memory.
    Optional<GuestHint> hint(UUID vmId);

    /// Waits until the guest's daemon can be talked to, at most until the deadline.
    ///
    /// @throws GuestSilentException where it was not heard until then
    void awaitHello(UUID vmId, Duration deadline) throws GuestSilentException;

    /// Asks the guest to swap on the disk with this serial and size, at the highest priority. Asking
    /// for what is done already is harmless.
    ///
    /// @throws GuestSilentException where no answer came until the deadline; it may happen still
    Reply swapOn(UUID vmId, String serial, long sizeBytes, Duration deadline)
            throws GuestSilentException;

    /// Asks the guest to swap off the disk. It reads everything back, which may take minutes; the
    /// deadline ends the waiting, not the swapping off.
    ///
    /// @throws GuestSilentException where no answer came until the deadline; it may happen still
    Reply swapOff(UUID vmId, String serial, Duration deadline) throws GuestSilentException;
}
