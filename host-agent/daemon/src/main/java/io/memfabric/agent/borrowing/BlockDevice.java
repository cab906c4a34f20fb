package io.memfabric.agent.borrowing;

/// A device that carries out requests on 4 KiB pages, many at a time. What a device does to the
/// pages on their way (sealing, mirroring, spreading over extents) is one more device around
/// another.
///
/// One thread submits; answers come from the devices' own threads, in any order, each request's
/// exactly once. A device never answers an error: it keeps a request until it can carry it out.
public interface BlockDevice extends AutoCloseable {

    /// Takes a request that is within the device. Its memory belongs to the device until it is
    /// answered; nothing need happen to it before [#flush].
    void submit(int slot);

    /// Sends what was submitted.
    void flush();

    /// Takes a request like [#submit] and sends it at once. For any thread, but for those in which
    /// answers come.
    void send(int slot);

    /// Lets go of the requests that cannot be answered now, because nobody waits for them any more;
    /// see [Answers#abandoned]. When it answers, none of these can be carried out later.
    void abandon();

    /// Ends it, whatever is under way.
    @Override
    void close();

    /// A device that is ready to begin.
    interface Ready {

        long sizeBytes();

        /// Begins.
        ///
        /// @param requests where the requests lie whose slots will be submitted
        BlockDevice start(Requests requests, Answers answers);
    }
}
