package io.memfabric.agent.brokerlink;

import io.memfabric.contract.agent.LenderPlace;
import io.memfabric.contract.agent.RoundTripReport;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;

/// Measures the ways to lenders every minute and tells the broker, which names more lenders to
/// measure. The first round is for that: the second follows at once.
final class RoundTripTalk {

    private static final System.Logger LOG = System.getLogger(RoundTripTalk.class.getName());

    private final BrokerClient client;
    private final HostSide host;
    private final LinkTiming timing;

    RoundTripTalk(BrokerClient client, HostSide host, LinkTiming timing) {
        this.client = client;
        this.host = host;
        this.timing = timing;
    }

    void talk(String token) throws InterruptedException {
        List<LenderPlace> named = List.of();
        boolean isFirst = true;
        while (true) {
            try {
                RoundTripReport report = host.roundTrips(named);
                named = client.roundTrips(token, report).lenders();
                Thread.sleep(isFirst ? timing.report() : timing.roundTrips());
                isFirst = false;
            } catch (IOException | RuntimeException e) {
                // Nothing waits for it: the next round will do.
                LOG.log(Level.DEBUG, "the broker did not take the round trips: {0}", e.toString());
                Thread.sleep(timing.lastRetry());
                isFirst = true;
            }
        }
    }
}
