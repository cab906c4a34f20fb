package io.memfabric.agent.hostmemory;

import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;

/// The kernel's way to write sizes: `Name:   123 kB`.
final class KernelText {

    private KernelText() {}

    static long kib(String line) throws IOException {
        int colon = line.indexOf(':');
        String value = line.substring(colon + 1).strip();
        int space = value.indexOf(' ');
        try {
            return MemorySize.ofKib(Long.parseLong(space < 0 ? value : value.substring(0, space)))
                    .bytes();
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new IOException("the kernel wrote an unexpected size: " + line, e);
        }
    }
}
