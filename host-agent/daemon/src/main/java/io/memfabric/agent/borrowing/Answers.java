package io.memfabric.agent.borrowing;

import java.nio.ByteBuffer;

/// Who takes a device's answers.
public interface Answers {

    /// How often the data of a read is fetched in all before it counts as lost.
    int TRIES = 3;

    /// The code with which a device stops when no copy of a page is what was written: better no data
    /// than wrong data.
    String PAGE_LOST = "page_lost";

    /// A sink for one thread of the device.
    Sink sink();

    /// This request was let go of, see [BlockDevice#abandon].
    void abandoned(int slot);

    /// The device lost data or the right to it and answers nothing any more.
    void stopped(DeviceStop reason);

    /// Takes the answers of one thread, a batch at a time.
    interface Sink {

        /// This request is done.
        ///
        /// @param memory where a read's data lies; its position and limit, the data and the 16 bytes
        ///     before it are the sink's to change until [#flush] answers
        /// @param at where in it the data begins
        /// @return false where these bytes are not what was written: the request is not done, and
        ///     wants another copy of its data. What lay in the memory may be changed nevertheless
        boolean answer(int slot, ByteBuffer memory, int at);

        /// Ends the batch: when this answers, the memory is not used any more.
        void flush();
    }
}
