package io.memfabric.agent.borrowing;

import io.memfabric.contract.vocabulary.FabricLimits;
import java.nio.ByteBuffer;
import java.util.List;

/// A device made of extents, each of them a region's size and served by a leg.
final class RemoteDisk implements BlockDevice {

    static final long EXTENT = FabricLimits.REGION.bytes();

    private final Requests requests;
    private final Leg[] legs;
    private final Splitter splitter;
    private final Leg[] touched = new Leg[Requests.SLOTS];
    private int touchedCount;

    private RemoteDisk(List<? extends Leg.Connected> extents, Requests requests, Answers answers) {
        this.requests = requests;
        this.splitter = new Splitter(this, requests, answers);
        Answers routed = new PartsToSplitter(answers);
        legs = extents.stream().map(leg -> leg.start(requests, routed)).toArray(Leg[]::new);
    }

    /// The device of these legs, one for each extent in order.
    static Ready of(List<? extends Leg.Connected> extents) {
        return new Ready() {
            @Override
            public long sizeBytes() {
                return extents.size() * EXTENT;
            }

            @Override
            public BlockDevice start(Requests requests, Answers answers) {
                return new RemoteDisk(extents, requests, answers);
            }
        };
    }

    @Override
    public void submit(int slot) {
        long offset = requests.offset(slot);
        long within = offset % EXTENT;
        if (within + requests.length(slot) > EXTENT) {
            splitter.submit(slot);
            return;
        }
        Leg leg = legs[(int) (offset / EXTENT)];
        if (leg.submit(slot, within)) {
            touched[touchedCount++] = leg;
        }
    }

    @Override
    public void flush() {
        for (int i = 0; i < touchedCount; i++) {
            touched[i].flush();
        }
        touchedCount = 0;
    }

    /// Sends the part of a split request that begins at this offset of the device.
    void sendPart(long offset) {
        legs[(int) (offset / EXTENT)].send(Requests.PART, offset % EXTENT);
    }

    @Override
    public void abandon() {
        for (Leg leg : legs) {
            leg.abandon();
        }
    }

    @Override
    public void close() {
        for (Leg leg : legs) {
            leg.close();
        }
        splitter.close();
    }

    /// Legs answer parts like all else; here they turn off to the splitter.
    private final class PartsToSplitter implements Answers {

        private final Answers answers;

        PartsToSplitter(Answers answers) {
            this.answers = answers;
        }

        @Override
        public Sink sink() {
            Sink sink = answers.sink();
            return new Sink() {
                @Override
                public void answer(int slot, ByteBuffer memory, int at) {
                    if (slot == Requests.PART) {
                        splitter.answered(memory, at);
                    } else {
                        sink.answer(slot, memory, at);
                    }
                }

                @Override
                public void flush() {
                    sink.flush();
                }
            };
        }

        @Override
        public void abandoned(int slot) {
            if (slot == Requests.PART) {
                splitter.abandoned();
            } else {
                answers.abandoned(slot);
            }
        }

        @Override
        public void stopped(DeviceStop reason) {
            answers.stopped(reason);
        }
    }
}
