package io.memfabric.broker.testbed;

import io.memfabric.contract.agent.VmDecision;
import java.util.UUID;

/// A decision about a balloon, as an agent tells it.
final class FakeDecision {

    private static final long GIB = 1L << 30;

    private FakeDecision() {}

    static VmDecision of(UUID vmId, long sequence, String rule) {
        VmDecision.Action action =
                rule.equals("NOT_FOLLOWING")
                        ? VmDecision.Action.RETREAT
                        : VmDecision.Action.INFLATE;
        return new VmDecision(
                sequence,
                vmId,
                1_700_000_000_000L + sequence,
                action,
                GIB,
                GIB / 2,
                rule,
                "its guest can use 400 MiB more than it does",
                "less usable memory",
                "done",
                new VmDecision.Inputs(GIB / 2, 200, null, 3, 0, 64));
    }
}
