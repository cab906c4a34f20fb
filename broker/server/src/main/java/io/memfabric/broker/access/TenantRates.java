package io.memfabric.broker.access;

import org.springframework.stereotype.Component;

/// Lets the policy say how much one tenant may ask.
@Component
public class TenantRates {

    private final RateLimits limits;

    TenantRates(RateLimits limits) {
        this.limits = limits;
    }

    /// Sets the requests a second of each tenant; what the settings say stays the most.
    public void set(int perSecond) {
        limits.setTenantRate(perSecond);
    }
}
