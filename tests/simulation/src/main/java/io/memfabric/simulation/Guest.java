package io.memfabric.simulation;

import io.memfabric.simulation.Trace.Lie;

/// A guest's kernel behind its balloon: programs, page cache that is read again, page cache that is
/// not, and free memory. A step is an eighth of a second. Sizes in MiB.
///
/// The balloon takes free memory first, then cache, mostly but not only what is not read any more,
/// as the kernel's page lists are not exact either; it never takes programs' memory, for there is no
/// swap. Cache that is missing is read again, which is a refault and a stall.
///
/// As on real VMs, a balloon that has to drop cache shows in the guest's own PSI although none of its
/// programs waits, what it dropped by mistake is read again in a burst, and its daemon says little
/// while the balloon is at work.
final class Guest {

    static final int STEPS = 8;
    static final double STEP = 1.0 / STEPS;

    /// virtio-balloon's speed, GiB/s of inflation and deflation, from HyperAlloc (EuroSys 2025).
    private static final double INFLATES = 0.95 * 1024;

    private static final double DEFLATES = 1.67 * 1024;

    /// All hot cache is touched once in so many seconds.
    private static final double TURN = 8;

    /// What a refaulted MiB stalls: 256 pages with read-ahead, 25 µs each.
    private static final double STALL_A_MIB = 256 * 25e-6;

    private final Trace trace;
    private double size;
    private double target;
    private double anon;
    private double hot;
    private double cold;
    private double stall;
    private double balloonStall;
    private double stallSeconds;
    private double touched;
    private double average10;
    private double refaultedMib;
    private double frozenUsable = -1;
    private boolean stuck;
    private int bootedAt = -3600;

    Guest(Trace trace) {
        this.trace = trace;
        size = trace.ceiling();
        target = size;
        anon = trace.anon()[0];
        hot = trace.hot()[0];
    }

    Trace trace() {
        return trace;
    }

    double size() {
        return size;
    }

    double target() {
        return target;
    }

    void target(double mib) {
        target = Math.min(mib, trace.ceiling());
    }

    boolean isStuck() {
        return stuck;
    }

    boolean boots(int second) {
        return second - bootedAt < 60;
    }

    /// Whether the next second needs small steps.
    boolean moves(int second) {
        int before = Math.max(0, second - 1);
        return size != target
                || Math.abs(trace.anon()[second] - trace.anon()[before]) > 4
                || trace.hot()[second] - hot > 0.5
                || stall > 0.001;
    }

    void begin(int second) {
        stall = 0;
        balloonStall = 0;
        stuck = trace.stuck()[second];
        for (int boot : trace.boots()) {
            if (boot == second) {
                bootedAt = second;
                size = trace.ceiling();
                target = size;
                anon = 0;
                hot = 0;
                cold = 0;
            }
        }
    }

    void end() {
        double decay = Math.exp(-0.1);
        average10 = average10 * decay + saidStall() * (1 - decay);
        stallSeconds += saidStall();
    }

    /// @param part how far into the second the step ends, 0 to 1
    void step(int second, double part, double dt) {
        int before = Math.max(0, second - 1);
        moveBalloon(dt);
        double wanted = mix(trace.anon()[before], trace.anon()[second], part);
        double missing = wanted - anon;
        if (missing > 0) {
            double got = Math.min(missing, room(missing));
            anon += got;
            if (got < missing - 0.01) {
                stall += dt;
            }
        } else {
            anon = wanted;
        }
        readHot(mix(trace.hot()[before], trace.hot()[second], part), dt);
        cold += Math.max(0, Math.min(trace.readRate() * dt, free() - trace.watermark()));
        touched = Math.max(touched, size - Math.max(0, free()));
    }

    private static double mix(double a, double b, double part) {
        return a + (b - a) * part;
    }

    private double free() {
        return size - trace.base() - anon - hot - cold;
    }

    private void readHot(double wanted, double dt) {
        if (wanted < hot) {
            cold += hot - wanted;
            hot = wanted;
            return;
        }
        double missing = wanted - hot;
        if (missing < 1e-3) {
            return;
        }
        double read = missing * Math.min(1, dt / TURN);
        boolean evicted = free() - trace.watermark() < missing;
        double got = Math.min(read, room(read));
        hot += got;
        if (evicted || size < trace.ceiling() - 1) {
            refaultedMib += read;
            stall = Math.min(1, stall + read * STALL_A_MIB);
        }
    }

    /// Makes room by dropping cache; answers how much there is then.
    private double room(double wanted) {
        double free = Math.max(0, free() - trace.watermark());
        if (free < wanted) {
            free += evict(wanted - free);
        }
        return free;
    }

    private double evict(double wanted) {
        double cache = hot + cold;
        if (cache <= 0) {
            return 0;
        }
        double mistaken = Math.min(hot, 0.02 * wanted * hot / cache);
        double fromCold = Math.min(cold, wanted - mistaken);
        double fromHot = Math.min(hot, wanted - fromCold);
        cold -= fromCold;
        hot -= fromHot;
        return fromCold + fromHot;
    }

    private void moveBalloon(double dt) {
        if (stuck) {
            return;
        }
        if (target > size) {
            size = Math.min(target, size + DEFLATES * dt);
        } else if (target < size) {
            double wanted = Math.min(size - target, INFLATES * dt);
            double cache = hot + cold;
            size -= Math.min(wanted, room(wanted));
            balloonStall += Math.min(dt, (cache - hot - cold) / INFLATES);
        }
    }

    /// What it can use, as the kernel estimates it: free memory and all page cache.
    double usable() {
        return Math.max(0, free() + hot + cold - trace.watermark());
    }

    /// Free memory, which some rules go by.
    double unused() {
        return Math.max(0, free());
    }

    /// The share of the second in which a program waited for memory.
    double stall() {
        return Math.min(1, stall);
    }

    /// The same as PSI counts it, where the balloon's own worker is a task that waits like others.
    private double saidStall() {
        return Math.min(1, stall + balloonStall);
    }

    /// Whether its balloon is at work.
    boolean inflates() {
        return target < size && !stuck;
    }

    /// What it says about itself, true or not.
    long saidUsableBytes() {
        double said = usable();
        Lie lie = trace.lie();
        if (lie != null) {
            said =
                    switch (lie) {
                        case BOASTS -> said * 4;
                        case KIBIBYTES -> said / 1024;
                        case TOO_LARGE_UNIT -> said * 1024;
                        case FROZEN -> frozen(said);
                        case JUMPING_COUNTERS, HOLLOW_BALLOON -> said;
                    };
        }
        return Mib.bytes(said);
    }

    private double frozen(double said) {
        if (frozenUsable < 0) {
            frozenUsable = said;
        }
        return frozenUsable;
    }

    long saidPressureCentipercent() {
        return Math.round(average10 * 10_000);
    }

    long saidStallMicros(int second) {
        return jumped(Math.round((stallSeconds + saidStall()) * 1e6), second);
    }

    long saidRefaultPages(int second) {
        return jumped(Math.round(refaultedMib * 256), second);
    }

    private long jumped(long counter, int second) {
        return trace.lie() == Lie.JUMPING_COUNTERS ? counter * (second / 600 % 2) : counter;
    }

    /// What the host sees behind it: what it ever touched, cache and freed pages included, and which
    /// its balloon has not taken.
    double resident() {
        return trace.lie() == Lie.HOLLOW_BALLOON ? trace.ceiling() : Math.min(size, touched);
    }
}
