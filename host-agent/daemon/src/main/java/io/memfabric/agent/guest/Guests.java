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

    /// Asks the guest's kernel to drop about so many of its coldest bytes, so that the balloon finds
    /// free pages, and waits for it at most until the deadline. Nothing is asked where its daemon or
    /// kernel cannot do it, or where so much is free already.
    void reclaim(UUID vmId, long bytes, Duration deadline);

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
