package io.memfabric.simulation;

/// The simulation counts MiB in floating point; the policies count bytes.
final class Mib {

    private static final double BYTES = 1 << 20;

    private Mib() {}

    static long bytes(double mib) {
        return Math.round(mib * BYTES);
    }

    static double of(long bytes) {
        return bytes / BYTES;
    }
}
