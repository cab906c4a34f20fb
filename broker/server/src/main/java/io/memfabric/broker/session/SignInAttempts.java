package io.memfabric.broker.session;

import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/// Slows down whoever guesses passwords: after five wrong ones from an address it has to wait a
/// minute. Addresses and not names are counted, so that nobody can lock out somebody else.
@Component
class SignInAttempts {

    private static final Logger LOG = LoggerFactory.getLogger(SignInAttempts.class);
    private static final int FREE = 5;
    private static final Duration PAUSE = Duration.ofMinutes(1);
    private static final int MOST_ADDRESSES = 10_000;

    private final InstantSource clock;
    private final Map<String, Failures> failures = new LinkedHashMap<>();

    SignInAttempts(InstantSource clock) {
        this.clock = clock;
    }

    private record Failures(int count, Instant last) {}

    synchronized void check(String source) {
        Failures known = failures.get(source);
        if (known != null
                && known.count() >= FREE
                && known.last().plus(PAUSE).isAfter(clock.instant())) {
            throw new Problem(ProblemCode.RATE_LIMITED, "Too many wrong passwords; wait a minute.");
        }
    }

    synchronized void failed(String source) {
        Instant now = clock.instant();
        Failures known = failures.remove(source);
        int before = known == null || known.last().plus(PAUSE).isBefore(now) ? 0 : known.count();
        failures.put(source, new Failures(before + 1, now));
        if (failures.size() > MOST_ADDRESSES) {
            failures.remove(failures.keySet().iterator().next());
        }
        LOG.warn("a sign-in from {} was refused, {} in a row", source, before + 1);
    }

    synchronized void succeeded(String source, String name) {
        failures.remove(source);
        LOG.info("{} signed in from {}", name, source);
    }
}
