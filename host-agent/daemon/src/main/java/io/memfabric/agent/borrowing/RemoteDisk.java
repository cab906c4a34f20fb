package io.memfabric.agent.borrowing;

import io.memfabric.contract.vocabulary.FabricLimits;
import java.nio.ByteBuffer;
import java.util.List;

/// A device made of extents, each of them a region that a leg reaches.
final class RemoteDisk implements BlockDevice {

    private static final long EXTENT = FabricLimits.REGION.bytes();

    private final Requests requests;
    private final Leg[] all;

    /// For each extent: its leg, where it begins there, and the offset of the device up to which the
    /// leg goes on without a break.
    private final Leg[] leg;

    private final long[] base;
    private final long[] end;

    private final Splitter splitter;
    private final Leg[] touched = new Leg[Requests.SLOTS];
    private int touchedCount;

    private RemoteDisk(
            List<LegLayout.Place> places,
            List<? extends Leg.Connected> connected,
            Requests requests,
            Answers answers) {
        this.requests = requests;
        this.splitter = new Splitter(this, requests, answers);
        Answers routed = new PartsToSplitter(answers);
        List<Leg> legs = connected.stream().map(leg -> leg.start(requests, routed)).toList();
        all = legs.toArray(Leg[]::new);
        leg = places.stream().map(place -> legs.get(place.group())).toArray(Leg[]::new);
        base = places.stream().mapToLong(LegLayout.Place::offset).toArray();
        end = new long[places.size()];
        for (int extent = places.size() - 1; extent >= 0; extent--) {
            end[extent] = isFollowed(places, extent) ? end[extent + 1] : (extent + 1) * EXTENT;
        }
    }

    /// Whether the next extent lies behind this one at the lender too.
    private static boolean isFollowed(List<LegLayout.Place> places, int extent) {
        LegLayout.Place here = places.get(extent);
        return extent + 1 < places.size()
                && places.get(extent + 1)
                        .equals(new LegLayout.Place(here.group(), here.offset() + EXTENT));
    }

    /// The device that these legs make.
    ///
    /// @param places where each extent lies
    static Ready of(List<LegLayout.Place> places, List<? extends Leg.Connected> legs) {
        return new Ready() {
            @Override
            public long sizeBytes() {
                return places.size() * EXTENT;
            }

            @Override
            public BlockDevice start(Requests requests, Answers answers) {
                return new RemoteDisk(places, legs, requests, answers);
            }
        };
    }

    @Override
    public void submit(int slot) {
        long offset = requests.offset(slot);
        int extent = (int) (offset / EXTENT);
        if (offset + requests.length(slot) > end[extent]) {
            splitter.submit(slot);
        } else if (leg[extent].submit(slot, base[extent] + offset % EXTENT)) {
            touched[touchedCount++] = leg[extent];
        }
    }

    @Override
    public void flush() {
        for (int i = 0; i < touchedCount; i++) {
            touched[i].flush();
        }
        touchedCount = 0;
    }

    /// Up to where a request that begins at this offset of the device goes to one leg.
    long endOf(long offset) {
        return end[(int) (offset / EXTENT)];
    }

    /// Sends the part of a split request that begins at this offset of the device.
    void sendPart(long offset) {
        int extent = (int) (offset / EXTENT);
        leg[extent].send(Requests.PART, base[extent] + offset % EXTENT);
    }

    @Override
    public void abandon() {
        for (Leg each : all) {
            each.abandon();
        }
    }

    @Override
    public void close() {
        for (Leg each : all) {
            each.close();
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
                public boolean answer(int slot, ByteBuffer memory, int at) {
                    if (slot == Requests.PART) {
                        splitter.answered(memory, at);
                        return true;
                    }
                    return sink.answer(slot, memory, at);
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
