package io.memfabric.agent.rdma;

import java.time.Duration;

/// One connection with its own protection domain, completion queue and registrations: what is
/// registered here can be reached over this connection and no other.
///
/// A transfer is posted in a slot, which is its own until its completion was polled. Several threads
/// may post, each in other slots; one thread polls. [#stop] is for any thread. See ibv_post_send(3),
/// ibv_poll_cq(3).
public interface QueuePair extends AutoCloseable {

    /// The longest message, in bytes.
    int MESSAGE = 4096;

    /// Who may use registered memory.
    enum Access {
        /// Our own transfers read it.
        SOURCE,
        /// Our own transfers read and write it.
        LOCAL,
        /// The peer reads it.
        PEER_READ,
        /// The peer reads and writes it.
        PEER
    }

    /// Memory that the device may use until [QueuePair#close].
    ///
    /// @param localKey for own transfers
    /// @param remoteKey for the peer's transfers: an address, not a secret
    record Registration(long address, int length, int localKey, int remoteKey) {}

    /// Where a transfer goes.
    ///
    /// @param remoteKey the peer's key of the memory there
    record Target(long address, int remoteKey) {}

    /// Registers memory, which pins its pages.
    ///
    /// @throws RdmaException with [RdmaException#TOO_LARGE] above 2 GiB - 1,
    ///     [RdmaException#MEMLOCK] where no more may be pinned
    Registration register(long address, long length, Access access) throws RdmaException;

    /// Posts a one-sided read into own memory.
    ///
    /// @throws RdmaException where the connection has ended
    void read(int slot, long local, int localKey, long remote, int remoteKey, int length)
            throws RdmaException;

    /// Posts a one-sided write of own memory. Of no bytes, it is a sign of life: it touches no memory
    /// of the peer and needs no key.
    ///
    /// @throws RdmaException where the connection has ended
    void write(int slot, long local, int localKey, long remote, int remoteKey, int length)
            throws RdmaException;

    /// Sends a message of at most [#MESSAGE] bytes and waits until the peer has it. Before the first
    /// transfer only.
    void send(byte[] message, Duration deadline) throws RdmaException;

    /// Waits for a message. Before the first transfer only.
    ///
    /// @throws RdmaException with [RdmaException#TIMEOUT], [RdmaException#ENDED]
    byte[] receive(Duration deadline) throws RdmaException;

    /// Takes completions, as many as there are up to a bound; they are what [#slot] and [#status]
    /// tell of until the next call.
    int poll() throws RdmaException;

    /// The same, but where there is none, tries again for `spin` and then sleeps until there may be
    /// one, at most `longest` or until somebody stops the connection.
    int await(Duration spin, Duration longest) throws RdmaException;

    /// The slot of a completion, or [#FOREIGN] for something that the peer sent.
    int slot(int completion);

    /// 0, or the `ibv_wc_status` with which it failed; the connection has ended then.
    int status(int completion);

    /// No slot of ours.
    int FOREIGN = -1;

    /// The flush of what was under way when the connection ended, `IBV_WC_WR_FLUSH_ERR`.
    int FLUSHED = 5;

    /// `IBV_WC_REM_ACCESS_ERR`: the peer's device knows no such key, or not for this access.
    int REMOTE_ACCESS = 10;

    /// Whether the connection has ended, by whomever.
    boolean hasEnded();

    /// Ends the connection; does not wait. What is under way completes with an error. For any thread.
    void stop();

    /// Destroys the queue pair and gives up every registration: when this answers, no request of the
    /// peer can be executed any more, and no transfer of ours touches memory.
    ///
    /// @throws RdmaException where that could not be confirmed: the memory must not be used again
    @Override
    void close() throws RdmaException;
}
