package io.memfabric.agent.borrowing;

import io.memfabric.contract.region.RdmaHello;
import io.memfabric.contract.region.RdmaWelcome;
import io.memfabric.contract.region.RegionSetName;

/// Whatever a peer sends as the first message of an RDMA connection, or as its answer: it is what it
/// says and is written the same way again, or it is refused.
public final class RdmaMessagesFuzz {

    private RdmaMessagesFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        try {
            RdmaHello hello = RdmaHello.decode(input);
            if (!RdmaHello.decode(hello.encode()).equals(hello)) {
                throw new AssertionError("a hello that is another one the second time");
            }
            var _ = RegionSetName.parse(hello.name());
        } catch (IllegalArgumentException e) {
            // What such a message gets.
        }
        try {
            RdmaWelcome answer = RdmaWelcome.decode(input);
            if (!RdmaWelcome.decode(answer.encode()).equals(answer)) {
                throw new AssertionError("an answer that is another one the second time");
            }
        } catch (IllegalArgumentException e) {
            // What such a message gets.
        }
    }
}
