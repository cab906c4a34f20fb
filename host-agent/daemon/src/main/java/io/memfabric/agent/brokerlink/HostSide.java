package io.memfabric.agent.brokerlink;

import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.DecisionReport;
import io.memfabric.contract.agent.HostInventory;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.LenderPlace;
import io.memfabric.contract.agent.ReportReply;
import io.memfabric.contract.agent.RoundTripReport;
import java.util.List;
import java.util.Optional;

/// What the link tells the broker of its host, and whom it hands the broker's words to. Called from
/// several threads.
public interface HostSide {

    /// The report of now; empty while nothing has been seen yet.
    ///
    /// @param sequence its number, from 1
    Optional<HostReport> report(long sequence);

    HostInventory inventory();

    /// The decisions about balloons after the one with that number; 0 for all that are remembered.
    DecisionReport decisions(long after);

    void heard(ReportReply reply);

    /// Measures the ways to lenders, those that the broker named last among them; takes a while.
    /// A side that measures nothing says so.
    default RoundTripReport roundTrips(List<LenderPlace> named) {
        return new RoundTripReport(null, List.of());
    }

    /// Takes a command and returns at once; its result comes by [BrokerLink#answer].
    void take(AgentCommand command);
}
