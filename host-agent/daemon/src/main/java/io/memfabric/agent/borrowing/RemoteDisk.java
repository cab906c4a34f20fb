package io.memfabric.agent.borrowing;

import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.List;

/// A device made of extents, each of them a region that a leg reaches. No request crosses from one
/// extent to the next, see [Splitter].
final class RemoteDisk implements BlockDevice {

    static final long EXTENT = FabricLimits.REGION.bytes();

    private final Requests requests;
    private final Leg[] all;

    /// For each extent: its leg, and where it begins there.
    private final Leg[] leg;

    private final long[] base;

    private final Leg[] touched = new Leg[Requests.SLOTS];
    private int touchedCount;

    private RemoteDisk(
            List<LegLayout.Place> places,
            List<? extends Leg.Connected> connected,
            Requests requests,
            Answers answers) {
        this.requests = requests;
        List<Leg> legs = connected.stream().map(leg -> leg.start(requests, answers)).toList();
        all = legs.toArray(Leg[]::new);
        leg = places.stream().map(place -> legs.get(place.group())).toArray(Leg[]::new);
        base = places.stream().mapToLong(LegLayout.Place::offset).toArray();
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
        if (leg[extent].submit(slot, base[extent] + offset % EXTENT)) {
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

    @Override
    public void send(int slot) {
        long offset = requests.offset(slot);
        int extent = (int) (offset / EXTENT);
        leg[extent].send(slot, base[extent] + offset % EXTENT);
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
    }
}
