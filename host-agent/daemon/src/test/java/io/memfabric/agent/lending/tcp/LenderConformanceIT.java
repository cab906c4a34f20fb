package io.memfabric.agent.lending.tcp;

import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.ServerConformance;
import io.memfabric.contract.vocabulary.FabricLimits;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class LenderConformanceIT extends ServerConformance {

    private static @Nullable Lender lender;

    @BeforeAll
    static void lend() throws Exception {
        Lender lending = Lender.with(1);
        lending.claim(Lender.GRANT, 1, 1, 1);
        lender = lending;
    }

    @AfterAll
    static void close() {
        lender().close();
    }

    private static Lender lender() {
        if (lender == null) {
            throw new IllegalStateException();
        }
        return lender;
    }

    @Override
    protected Target target() {
        return new Target(
                lender().lending.address(),
                lender().exportName(Lender.GRANT, 1, 1, 1),
                FabricLimits.REGION.bytes(),
                Nbd.MAX_PAYLOAD);
    }
}
