package io.memfabric.simulation;

/// Knows the future: takes all that a guest does not need within the time that giving back may take.
/// It takes nothing from a guest whose words are wrong, for what is taken on a lie is no achievement,
/// and its balloon hangs where the guest's hangs.
final class Oracle {

    /// The time in which memory is to be back.
    static final int GIVE_BACK = 2;

    private final float[] taken;

    Oracle(Trace trace, double floorMib) {
        taken = new float[trace.seconds()];
        for (int t = 0; t < taken.length; t++) {
            float needed = (float) floorMib;
            for (int ahead = t; ahead <= Math.min(taken.length - 1, t + GIVE_BACK); ahead++) {
                needed = Math.max(needed, trace.need(ahead));
            }
            float free = Math.max(0, trace.ceiling() - needed);
            boolean stuck = t > 0 && trace.stuck()[t];
            taken[t] = !trace.isHonest() ? 0 : stuck ? Math.min(taken[t - 1], free) : free;
        }
    }

    float takenAt(int second) {
        return taken[second];
    }
}
