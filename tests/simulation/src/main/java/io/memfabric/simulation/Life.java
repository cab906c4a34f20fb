package io.memfabric.simulation;

import io.memfabric.simulation.Trace.Lie;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Puts one VM's demand together.
final class Life {

    private final int ceiling;
    private final Random random;
    private final float[] anon;
    private final float[] hot;
    private final boolean[] stuck;
    private int[] boots = {};
    private @Nullable Lie lie;

    /// A VM that works evenly.
    Life(int ceiling, int seconds, Random random) {
        this.ceiling = ceiling;
        this.random = random;
        this.anon = new float[seconds];
        this.hot = new float[seconds];
        this.stuck = new boolean[seconds];
        Arrays.fill(anon, ceiling * between(0.12, 0.35));
        Arrays.fill(hot, ceiling * between(0.03, 0.12));
        drift();
    }

    private float between(double low, double high) {
        return (float) (low + random.nextDouble() * (high - low));
    }

    /// No demand stands still: it wanders by some hundredths within the hour.
    private void drift() {
        double phase = random.nextDouble() * Math.TAU;
        double period = 1200 + random.nextInt(2400);
        for (int t = 0; t < anon.length; t++) {
            double wave = Math.sin(phase + t / period * Math.TAU);
            anon[t] *= (float) (1 + 0.03 * wave);
            hot[t] *= (float) (1 + 0.05 * wave);
        }
    }

    void workingHours() {
        double peak = between(0.25, 0.45) * ceiling;
        int noon = 12 * 3600 + random.nextInt(7200);
        for (int t = 0; t < anon.length; t++) {
            double hours = Math.abs(t % Pattern.DAY - noon) / 3600.0;
            double busy = Math.max(0, Math.min(1, 1 - (hours - 3.5) / 1.5));
            anon[t] += (float) (peak * busy);
        }
        bursts(3600, 120, 0.02, 0.08);
    }

    /// Jumps that begin at random, by a share of the ceiling.
    void bursts(int meanGap, int meanLength, double smallest, double largest) {
        int t = (int) (meanGap * random.nextDouble());
        while (t < anon.length) {
            int length = 30 + (int) (meanLength * (0.5 + random.nextDouble()));
            jump(t, length, between(smallest, largest) * ceiling);
            t += length + 30 + (int) (-Math.log(1 - random.nextDouble()) * meanGap);
        }
    }

    void jumps(int[] moments, int length) {
        for (int moment : moments) {
            jump(moment + random.nextInt(2), length, between(0.2, 0.4) * ceiling);
        }
    }

    private void jump(int at, int length, float height) {
        float rate = between(100, 800);
        for (int t = at; t < Math.min(anon.length, at + length); t++) {
            float up = Math.min(height, rate * (t - at + 1));
            float down = Math.min(height, 2 * rate * (at + length - t));
            anon[t] += Math.min(up, down);
        }
    }

    void leak() {
        int period = 4 * 3600 + random.nextInt(8 * 3600);
        int phase = random.nextInt(period);
        float most = between(0.3, 0.5) * ceiling;
        for (int t = 0; t < anon.length; t++) {
            anon[t] += most * ((t + phase) % period) / period;
        }
    }

    void boots(int[] moments) {
        boots = moments;
        for (int moment : moments) {
            float most = between(0.2, 0.4) * ceiling;
            for (int t = moment; t < Math.min(anon.length, moment + 90); t++) {
                int since = t - moment;
                anon[t] =
                        since < 50
                                ? anon[t] * since / 50 + most * since / 50
                                : anon[t] + most * (90 - since) / 40;
                hot[t] *= since / 90f;
            }
        }
    }

    void lies(Lie how) {
        lie = how;
    }

    /// Four times a day a balloon hangs for some minutes.
    void sticks() {
        for (int i = 0; i < 4; i++) {
            int from = random.nextInt(stuck.length);
            Arrays.fill(
                    stuck, from, Math.min(stuck.length, from + 300 + random.nextInt(900)), true);
        }
    }

    Trace trace() {
        Trace trace = new Trace(ceiling, anon, hot, between(0, 4), boots, lie, stuck);
        float most = ceiling * 0.97f - trace.base() - trace.watermark();
        for (int t = 0; t < anon.length; t++) {
            anon[t] = Math.min(anon[t], most - hot[t]);
        }
        return trace;
    }
}
