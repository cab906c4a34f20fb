package io.memfabric.agent.borrowing;

import java.nio.ByteBuffer;

/// Who takes a device's answers.
public interface Answers {

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
        void answer(int slot, ByteBuffer memory, int at);

        /// Ends the batch: when this answers, the memory is not used any more.
        void flush();
    }
}
