package io.memfabric.agent.balloon;

import io.memfabric.agent.policy.BalloonRules;
import io.memfabric.agent.policy.HostSnapshot;
import io.memfabric.agent.policy.LendingOutlook;
import io.memfabric.contract.agent.LendingForecast;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;

/// The outlook of this host by its own wall clock; told anew once a minute.
final class Outlook {

    private static final Duration FRESH = Duration.ofMinutes(1);

    private final LendingOutlook outlook;
    private LendingForecast forecast = new LendingForecast(List.of());
    private Duration lookedAt = Duration.ZERO;
    private Duration toldAt = FRESH.negated();

    Outlook(BalloonRules rules) {
        outlook = new LendingOutlook(rules);
    }

    void look(HostSnapshot snapshot, Duration now) {
        int hour = LocalTime.now(ZoneId.systemDefault()).getHour();
        outlook.observe(snapshot, hour, now.minus(lookedAt));
        lookedAt = now;
        if (now.minus(toldAt).compareTo(FRESH) >= 0) {
            toldAt = now;
            forecast = outlook.forecast(snapshot, hour);
        }
    }

    /// Empty before the first look.
    LendingForecast forecast() {
        return forecast;
    }
}
