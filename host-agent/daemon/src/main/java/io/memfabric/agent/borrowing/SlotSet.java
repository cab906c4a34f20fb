package io.memfabric.agent.borrowing;

/// A set of the slots that are not a mirror's own, one bit each.
final class SlotSet {

    private static final int WORDS = 2;

    private final long[] words = new long[WORDS];

    static {
        assert Requests.MIRROR <= WORDS * Long.SIZE;
    }

    void add(int slot) {
        words[slot / Long.SIZE] |= 1L << slot;
    }

    void addAll(SlotSet other) {
        for (int i = 0; i < WORDS; i++) {
            words[i] |= other.words[i];
        }
    }

    void remove(int slot) {
        words[slot / Long.SIZE] &= ~(1L << slot);
    }

    void clear() {
        for (int i = 0; i < WORDS; i++) {
            words[i] = 0;
        }
    }

    boolean isEmpty() {
        return (words[0] | words[1]) == 0;
    }

    /// The first slot of at least `from`, or -1.
    int next(int from) {
        for (int slot = from; slot < WORDS * Long.SIZE; slot = (slot | Long.SIZE - 1) + 1) {
            long left = words[slot / Long.SIZE] >>> slot;
            if (left != 0) {
                return slot + Long.numberOfTrailingZeros(left);
            }
        }
        return -1;
    }

    /// Takes the first slot out; the set is not empty.
    int take() {
        int slot = next(0);
        remove(slot);
        return slot;
    }
}
