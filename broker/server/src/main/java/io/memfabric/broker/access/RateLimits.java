package io.memfabric.broker.access;

import io.memfabric.broker.settings.BrokerSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/// Token buckets: one for each tenant and two for each address. Those that were used longest ago are
/// forgotten where there are too many; they were full again anyway, or nearly.
@Component
class RateLimits {

    private static final int MOST_BUCKETS = 20_000;

    private final Buckets tenants;
    private final Buckets operators;
    private final int most;
    private final Buckets sources;
    private final Buckets failures;

    RateLimits(BrokerSettings settings) {
        most = settings.limits().tenantRate();
        tenants = new Buckets(most);
        operators = new Buckets(most);
        sources = new Buckets(settings.limits().sourceRate());
        failures = new Buckets(settings.limits().failureRate());
    }

    /// Whether one more request of a caller may pass. Who may change the policy is not bound by it:
    /// he must be able to undo it, whatever others of his tenant ask meanwhile.
    boolean passes(Caller.Api caller) {
        boolean operates =
                caller.roles().contains(Role.ADMIN)
                        || caller.roles().contains(Role.FABRIC_OPERATOR);
        return (operates ? operators : tenants).take(caller.tenantId(), System.nanoTime());
    }

    /// Lets each tenant ask this often, and no more often than the settings say.
    void setTenantRate(int perSecond) {
        tenants.setRate(Math.min(perSecond, most));
    }

    /// Whether one more request of an address may pass.
    boolean passes(String source) {
        return sources.take(source, System.nanoTime());
    }

    /// Whether one more refusal of an address is answered as such.
    boolean passesRefused(String source) {
        return failures.take(source, System.nanoTime());
    }

    /// Buckets that fill at one rate and hold two seconds of it.
    static final class Buckets {
        private static final double SECOND = 1e9;

        private int rate;
        private double most;
        private final LinkedHashMap<Object, Bucket> buckets =
                new LinkedHashMap<>(64, 0.75f, true) {
                    private static final long serialVersionUID = 1;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Object, Bucket> eldest) {
                        return size() > MOST_BUCKETS;
                    }
                };

        Buckets(int rate) {
            this.rate = rate;
            this.most = 2.0 * rate;
        }

        private static final class Bucket {
            private double left;
            private long at;

            Bucket(double left, long at) {
                this.left = left;
                this.at = at;
            }
        }

        synchronized void setRate(int perSecond) {
            rate = perSecond;
            most = 2.0 * perSecond;
        }

        synchronized boolean take(Object whose, long now) {
            Bucket bucket = buckets.computeIfAbsent(whose, _ -> new Bucket(most, now));
            bucket.left = Math.min(most, bucket.left + (now - bucket.at) / SECOND * rate);
            bucket.at = now;
            if (bucket.left < 1) {
                return false;
            }
            bucket.left -= 1;
            return true;
        }
    }
}
