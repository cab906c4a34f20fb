package io.memfabric.agent.lending.rdma;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The page of zeros that borrowers read to measure the way here. It lives as long as the process: no
/// connection can outlive it.
final class ProbePage {

    static final int BYTES = 4096;

    private final MemorySegment memory = Arena.global().allocate(BYTES, BYTES);

    long address() {
        return memory.address();
    }
}
