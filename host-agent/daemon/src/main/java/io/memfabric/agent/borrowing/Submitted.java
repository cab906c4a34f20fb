package io.memfabric.agent.borrowing;

/// The legs that have something to send, for the submitting thread.
final class Submitted {

    private static final int MOST = 64;

    private final Leg[] legs = new Leg[MOST];
    private int count;

    /// Takes note of a leg that had nothing to send before.
    void add(Leg leg) {
        if (count == MOST) {
            flush();
        }
        legs[count++] = leg;
    }

    void flush() {
        for (int i = 0; i < count; i++) {
            legs[i].flush();
        }
        count = 0;
    }
}
