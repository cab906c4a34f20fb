package io.memfabric.broker.grant;

import java.util.UUID;

/// One leg of a grant as the ledger has it.
record Leg(
        int extentIndex,
        int legIndex,
        UUID hostId,
        UUID bootId,
        long regionId,
        long generation,
        String state) {}
