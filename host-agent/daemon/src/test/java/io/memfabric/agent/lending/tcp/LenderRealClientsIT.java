package io.memfabric.agent.lending.tcp;

import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.nbd.RealClients;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class LenderRealClientsIT extends RealClients {

    private static Optional<Lender> lender = Optional.empty();

    @BeforeAll
    static void lend() throws Exception {
        lender = Optional.of(Lender.with(1));
        lender.get().claim(Lender.GRANT, 1, 1, 1);
    }

    @AfterAll
    static void close() {
        lender.orElseThrow().close();
    }

    @Override
    protected String uri() {
        Lender lending = lender.orElseThrow();
        return "nbd://127.0.0.1:%d/%s"
                .formatted(
                        lending.lending.address().getPort(),
                        lending.exportName(Lender.GRANT, 1, 1, 1));
    }

    @Override
    protected long size() {
        return FabricLimits.REGION.bytes();
    }
}
