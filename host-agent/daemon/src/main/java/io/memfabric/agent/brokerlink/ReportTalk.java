package io.memfabric.agent.brokerlink;

import io.memfabric.contract.agent.DecisionReport;
import io.memfabric.contract.agent.GrowthReply;
import io.memfabric.contract.agent.GrowthRequest;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.ReportReply;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Optional;

/// Reports every second, and what goes with it: inventories when something changed or time is up,
/// requests for growth, decisions.
final class ReportTalk {

    private static final System.Logger LOG = System.getLogger(ReportTalk.class.getName());

    private final BrokerClient client;
    private final HostSide host;
    private final LinkTiming timing;
    private final BrokerTerm term;
    private final InventoryDue due;

    /// Whether the log says already that the broker wants none.
    private boolean decisionsUnwanted;

    ReportTalk(
            BrokerClient client,
            HostSide host,
            LinkTiming timing,
            BrokerTerm term,
            InventoryDue due) {
        this.client = client;
        this.host = host;
        this.timing = timing;
        this.term = term;
        this.due = due;
    }

    void talk(String token) throws InterruptedException {
        BackOff backOff = timing.backOff();
        long sequence = 0;
        long lastInventory = System.nanoTime();
        boolean connected = false;
        long told = 0;
        while (true) {
            long start = System.nanoTime();
            try {
                Optional<HostReport> report = host.report(sequence + 1);
                if (report.isPresent()) {
                    sequence++;
                    ReportReply reply = client.report(token, report.get());
                    // A broker that has just begun with this host has no term yet.
                    if (reply.term() != 0) {
                        client.checkTerm(term, reply.term());
                    }
                    host.heard(reply);
                    if (!connected) {
                        LOG.log(Level.INFO, "the broker answers");
                        connected = true;
                        due.release();
                        told = 0;
                    }
                    if (reply.inventoryWanted()
                            || due.isDue()
                            || start - lastInventory >= timing.inventory().toNanos()) {
                        lastInventory = start;
                        sendInventory(token);
                    }
                    runErrands(token);
                    told = sendDecisions(token, told);
                    if (reply.moveOn()) {
                        connected = false;
                        client.moveOn();
                    }
                }
                backOff.reset();
                long next = start + timing.report().toNanos();
                while (connected && awaitChange(next)) {
                    lastInventory = System.nanoTime();
                    sendInventory(token);
                }
                LinkTiming.sleepUntil(next);
            } catch (IOException | RuntimeException e) {
                connected = false;
                timing.sleepAfter("agent_refused", "report", e, backOff);
            }
        }
    }

    private void runErrands(String token) throws IOException, InterruptedException {
        for (GrowthErrand errand : host.growth()) {
            try {
                GrowthReply reply =
                        switch (errand.kind()) {
                            case ASK ->
                                    client.grow(
                                            token,
                                            new GrowthRequest(
                                                    errand.requestId(),
                                                    errand.vmId(),
                                                    errand.bytes()));
                            case LOOK -> client.growth(token, errand.requestId());
                            case GIVE_BACK -> client.giveBack(token, errand.requestId());
                        };
                GrowthErrand.Answer answer =
                        switch (reply.state()) {
                            case LIVE -> GrowthErrand.Answer.LIVE;
                            case LEAVING -> GrowthErrand.Answer.LEAVING;
                            case GONE -> GrowthErrand.Answer.GONE;
                        };
                host.growthAnswered(errand, answer, "grant " + reply.grantId());
            } catch (BrokerException e) {
                if (!e.isFinal()) {
                    // The next report tries again; what fails here must not slow reports down.
                    LOG.log(Level.WARNING, "growth of {0}: {1}", errand.vmId(), e.getMessage());
                    return;
                }
                boolean gone = e.isNotFound() && errand.kind() != GrowthErrand.Kind.ASK;
                host.growthAnswered(
                        errand,
                        gone ? GrowthErrand.Answer.GONE : GrowthErrand.Answer.REFUSED,
                        String.valueOf(e.getMessage()));
            }
        }
    }

    /// Waits for a change until then. What changes together, like all legs on a connection, is told
    /// together.
    ///
    /// @return false where nothing changed
    private boolean awaitChange(long until) throws InterruptedException {
        if (!due.await(until)) {
            return false;
        }
        Thread.sleep(timing.gather());
        return true;
    }

    /// Explanations come last: nothing else waits for them. A broker that forgot them with its last
    /// process hears them again.
    private long sendDecisions(String token, long told) throws IOException, InterruptedException {
        DecisionReport news = host.decisions(told);
        if (news.decisions().isEmpty()) {
            return told;
        }
        try {
            client.decisions(token, news);
        } catch (BrokerException e) {
            if (!e.isFinal()) {
                throw e;
            }
            if (!decisionsUnwanted) {
                decisionsUnwanted = true;
                LOG.log(Level.WARNING, "the broker wants no decisions: {0}", e.getMessage());
            }
        }
        return news.decisions().getLast().sequence();
    }

    private void sendInventory(String token) throws IOException, InterruptedException {
        // Before the look: what changes after it is told with the next.
        due.taken();
        try {
            client.inventory(token, host.inventory());
        } catch (IOException e) {
            due.release();
            throw e;
        }
    }
}
