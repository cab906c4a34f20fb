package io.memfabric.contract.vocabulary;

/// An amount of memory, exact to the byte. Arithmetic that overflows throws [ArithmeticException];
/// it never makes a wrong size.
///
/// @param bytes the amount in bytes, zero or more
public record MemorySize(long bytes) implements Comparable<MemorySize> {

    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;
    private static final long GIB = 1024 * MIB;

    public static final MemorySize ZERO = new MemorySize(0);

    public MemorySize {
        if (bytes < 0) {
            throw new IllegalArgumentException("memory size is negative: " + bytes);
        }
    }

    public static MemorySize ofBytes(long bytes) {
        return new MemorySize(bytes);
    }

    public static MemorySize ofKib(long kib) {
        return new MemorySize(Math.multiplyExact(kib, KIB));
    }

    public static MemorySize ofMib(long mib) {
        return new MemorySize(Math.multiplyExact(mib, MIB));
    }

    public static MemorySize ofGib(long gib) {
        return new MemorySize(Math.multiplyExact(gib, GIB));
    }

    public MemorySize plus(MemorySize other) {
        return new MemorySize(Math.addExact(bytes, other.bytes));
    }

    /// The difference, or zero where `other` is larger.
    public MemorySize minusOrZero(MemorySize other) {
        return new MemorySize(Math.max(0, bytes - other.bytes));
    }

    public MemorySize min(MemorySize other) {
        return bytes <= other.bytes ? this : other;
    }

    public MemorySize max(MemorySize other) {
        return bytes >= other.bytes ? this : other;
    }

    public boolean isZero() {
        return bytes == 0;
    }

    /// The largest multiple of `unit` that is not above this size.
    public MemorySize roundedDownTo(MemorySize unit) {
        return new MemorySize(bytes - bytes % unit.bytes);
    }

    @Override
    public int compareTo(MemorySize other) {
        return Long.compare(bytes, other.bytes);
    }

    /// The size in the largest binary unit that divides it, such as `64 MiB`; `1000 B` where none
    /// does.
    @Override
    public String toString() {
        if (bytes != 0 && bytes % GIB == 0) {
            return bytes / GIB + " GiB";
        }
        if (bytes != 0 && bytes % MIB == 0) {
            return bytes / MIB + " MiB";
        }
        if (bytes != 0 && bytes % KIB == 0) {
            return bytes / KIB + " KiB";
        }
        return bytes + " B";
    }
}
