package io.memfabric.agent.brokerlink;

import io.memfabric.contract.agent.CommandBatch;
import java.io.IOException;

/// Waits at the broker for commands and hands them to the host.
final class CommandTalk {

    private final BrokerClient client;
    private final HostSide host;
    private final LinkTiming timing;
    private final BrokerTerm term;

    CommandTalk(BrokerClient client, HostSide host, LinkTiming timing, BrokerTerm term) {
        this.client = client;
        this.host = host;
        this.timing = timing;
        this.term = term;
    }

    void talk(String token) throws InterruptedException {
        BackOff backOff = timing.backOff();
        long revision = 0;
        while (true) {
            long start = System.nanoTime();
            try {
                CommandBatch batch = client.commands(token, revision, timing.commandWait());
                client.checkTerm(term, batch.term());
                batch.commands().forEach(host::take);
                boolean nothingNew = batch.revision() == revision;
                revision = batch.revision();
                backOff.reset();
                if (nothingNew) {
                    // A broker that answers too early is not asked more than once a report.
                    LinkTiming.sleepUntil(start + timing.report().toNanos());
                }
            } catch (IOException | RuntimeException e) {
                timing.sleepAfter("agent_refused", "commands", e, backOff);
            }
        }
    }
}
