package io.memfabric.simulation;

import org.jspecify.annotations.Nullable;

/// What one VM's guest needs, second by second, and how it behaves. Sizes in MiB.
final class Trace {

    private final int ceiling;
    private final float[] anon;
    private final float[] hot;
    private final float readRate;
    private final int[] boots;
    private final @Nullable Lie lie;
    private final boolean[] stuck;

    /// The ways in which a guest's words are wrong.
    enum Lie {
        /// Says that it can use four times what it can.
        BOASTS,
        /// Says kilobytes where bytes are meant.
        KIBIBYTES,
        /// Says 1024 times too much.
        TOO_LARGE_UNIT,
        /// Says for ever what it said first.
        FROZEN,
        /// Its counters jump back to zero every now and then.
        JUMPING_COUNTERS,
        /// Its balloon says that it has grown, but frees nothing.
        HOLLOW_BALLOON
    }

    /// @param ceiling the memory that it was defined with
    /// @param anon memory of its programs, which no balloon can take
    /// @param hot page cache that it reads again and again
    /// @param readRate what it reads once and never again, MiB a second
    /// @param boots the seconds in which it starts anew
    /// @param lie what is wrong with its words, or null
    /// @param stuck seconds in which its balloon does not move
    Trace(
            int ceiling,
            float[] anon,
            float[] hot,
            float readRate,
            int[] boots,
            @Nullable Lie lie,
            boolean[] stuck) {
        if (anon.length != hot.length || anon.length != stuck.length) {
            throw new IllegalArgumentException("the series differ in length");
        }
        this.ceiling = ceiling;
        this.anon = anon;
        this.hot = hot;
        this.readRate = readRate;
        this.boots = boots;
        this.lie = lie;
        this.stuck = stuck;
    }

    int ceiling() {
        return ceiling;
    }

    float[] anon() {
        return anon;
    }

    float[] hot() {
        return hot;
    }

    float readRate() {
        return readRate;
    }

    int[] boots() {
        return boots;
    }

    @Nullable Lie lie() {
        return lie;
    }

    boolean[] stuck() {
        return stuck;
    }

    int seconds() {
        return anon.length;
    }

    /// What a kernel and its daemons need.
    float base() {
        return 40 + 0.03f * ceiling;
    }

    /// What a kernel keeps free.
    float watermark() {
        return 4 + 0.008f * ceiling;
    }

    /// What the guest has to have in this second so that nothing is missing.
    float need(int second) {
        return base() + watermark() + anon[second] + hot[second];
    }

    /// What its programs and the cache that they read again take, without what a kernel keeps free.
    float workload(int second) {
        return need(second) - watermark();
    }

    boolean isHonest() {
        return lie == null;
    }
}
