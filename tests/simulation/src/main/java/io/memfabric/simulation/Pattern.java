package io.memfabric.simulation;

import io.memfabric.simulation.Trace.Lie;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/// Ways in which the VMs of a host live.
enum Pattern {
    STEADY(0),
    DIURNAL(1),
    BATCH(2),
    BURSTY(3),
    LEAK(4),
    BOOT_STORM(5),
    THUNDERING_HERD(6),
    LIARS(7),
    STUCK(8);

    static final int DAY = 86_400;

    private static final List<Lie> LIES = List.of(Lie.values());

    private static final int[] CEILINGS = {1024, 2048, 4096, 8192};

    private final int salt;

    /// @param salt keeps the patterns' chances apart
    Pattern(int salt) {
        this.salt = salt;
    }

    /// The name on a command line.
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The lives of a host's VMs.
    List<Trace> host(int vms, int seconds, long seed) {
        Random random = new Random(seed * 31 + salt);
        int[] together = moments(random, seconds, 6);
        List<Trace> traces = new ArrayList<>();
        for (int vm = 0; vm < vms; vm++) {
            traces.add(vm(vm, seconds, together, random));
        }
        return traces;
    }

    private Trace vm(int index, int seconds, int[] together, Random random) {
        int ceiling = CEILINGS[random.nextInt(CEILINGS.length)];
        Life life = new Life(ceiling, seconds, random);
        switch (this) {
            case STEADY -> {}
            case DIURNAL -> life.workingHours();
            case BATCH -> life.bursts(4 * 3600, 1800, 0.2, 0.4);
            case BURSTY -> life.bursts(1800, 180, 0.08, 0.35);
            case LEAK -> life.leak();
            case BOOT_STORM -> life.boots(IntStream.of(together).limit(3).toArray());
            case THUNDERING_HERD -> life.jumps(together, 600);
            case LIARS -> {
                life.bursts(3600, 300, 0.08, 0.35);
                if (index % 2 == 1) {
                    life.lies(LIES.get(index / 2 % LIES.size()));
                }
            }
            case STUCK -> {
                life.bursts(3600, 300, 0.08, 0.35);
                if (index % 2 == 1) {
                    life.sticks();
                }
            }
        }
        return life.trace();
    }

    private static int[] moments(Random random, int seconds, int count) {
        return IntStream.range(0, count)
                .map(i -> seconds / count * i + random.nextInt(seconds / count * 3 / 4))
                .toArray();
    }
}
