package io.memfabric.agent.command;

import io.memfabric.agent.borrowing.Borrowing;
import io.memfabric.agent.guest.Guests;
import io.memfabric.agent.hypervisor.Hypervisor;
import java.nio.file.Path;
import java.time.Duration;

/// Whom a grant's conversations talk to, and how patiently.
///
/// @param exports the folder of the sockets that devices are exported on
public record Conversations(
        Hypervisor hypervisor,
        VmPresence presence,
        Guests guests,
        Borrowing borrowing,
        HeldGrants grants,
        Path exports,
        Patience patience) {

    /// How long a conversation waits for what.
    ///
    /// @param hello for a guest's daemon to be heard before anything is begun
    /// @param swapOn for all tries to swap on
    /// @param swapOff for a swap-off, which reads everything back
    /// @param quiet without a write before a guest's word that it swaps no more is believed
    /// @param retry between tries, at first; it doubles up to `retryMost`
    public record Patience(
            Duration hello,
            Duration swapOn,
            Duration swapOff,
            Duration quiet,
            Duration retry,
            Duration retryMost) {

        public static final Patience NORMAL =
                new Patience(
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(30),
                        Duration.ofMinutes(10),
                        Duration.ofMillis(200),
                        Duration.ofMillis(250),
                        Duration.ofSeconds(15));
    }
}
