package io.memfabric.agent.borrowing;

import io.memfabric.agent.nbd.Nbd;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/// Which requests of a device its legs have, and, while its extents are on the move, which pages were
/// written. It stands between the legs and whoever takes their answers.
final class UnderWay implements Answers {

    private static final int NONE = 0;
    private static final int SENT = 1;
    private static final int HANDED_ON = 2;

    /// Takes note of what was written.
    interface Watch {
        /// A write, a discard or the like of these bytes of the device is done. For any thread.
        void written(long offset, long length);
    }

    private final Requests requests;
    private final Answers answers;
    private final CopyLanes lanes;

    /// By slot. Each is set by who sends and cleared by who receives.
    private final AtomicIntegerArray slots = new AtomicIntegerArray(Requests.MIRROR);

    private volatile @Nullable Watch watch;

    UnderWay(Requests requests, Answers answers, CopyLanes lanes) {
        this.requests = requests;
        this.answers = answers;
        this.lanes = lanes;
    }

    void begins(int slot) {
        slots.setRelease(slot, SENT);
    }

    /// Whether the legs have no request of the device.
    boolean isNone() {
        for (int slot = 0; slot < slots.length(); slot++) {
            if (slots.getAcquire(slot) != NONE) {
                return false;
            }
        }
        return true;
    }

    /// Has somebody told of every write that is done from now on, or nobody.
    void watch(@Nullable Watch by) {
        watch = by;
    }

    @Override
    public Sink sink() {
        Sink sink = answers.sink();
        return new Sink() {
            @Override
            public boolean answer(int slot, ByteBuffer memory, int at) {
                if (CopyLanes.isLane(slot)) {
                    lanes.answered(slot, memory, at);
                    return true;
                }
                Watch by = watch;
                if (by != null && requests.command(slot) != Nbd.CMD_READ) {
                    by.written(requests.offset(slot), requests.length(slot));
                }
                // Once it is handed on, the slot may be somebody else's.
                slots.setRelease(slot, HANDED_ON);
                boolean done = sink.answer(slot, memory, at);
                slots.compareAndSet(slot, HANDED_ON, done ? NONE : SENT);
                return done;
            }

            @Override
            public void flush() {
                sink.flush();
            }
        };
    }

    @Override
    public void abandoned(int slot) {
        if (CopyLanes.isLane(slot)) {
            lanes.abandoned(slot);
        } else {
            Watch by = watch;
            if (by != null && requests.command(slot) != Nbd.CMD_READ) {
                // It may have taken place.
                by.written(requests.offset(slot), requests.length(slot));
            }
            slots.setRelease(slot, NONE);
            answers.abandoned(slot);
        }
    }

    @Override
    public void stopped(DeviceStop reason) {
        answers.stopped(reason);
    }
}
