package io.memfabric.broker.certificate;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/// Lets agents in by their own port only, and there nobody but agents: with a certificate of the
/// host that their token names. It runs behind the filter that knows the token.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 15)
class AgentDoor extends OncePerRequestFilter {

    private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";

    /// How a host gets a certificate where it has none that is valid. Its token has to do: a host
    /// that was away for a day, or whose broker was, must come back by itself.
    private static final Set<String> WITHOUT = Set.of("/agent/v1/enroll", "/agent/v1/certificates");

    private static final Integer DNS_NAME = 2;

    private final AgentPort port;
    private final Revocations revocations;
    private final ProblemWriter problems;
    private final InstantSource clock;

    AgentDoor(
            AgentPort port, Revocations revocations, ProblemWriter problems, InstantSource clock) {
        this.port = port;
        this.revocations = revocations;
        this.problems = problems;
        this.clock = clock;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (port.isOpen()) {
            try {
                check(request);
            } catch (Problem problem) {
                problems.write(response, problem);
                return;
            }
        }
        chain.doFilter(request, response);
    }

    private void check(HttpServletRequest request) {
        String path = request.getRequestURI();
        boolean isAgent = path.startsWith("/agent/");
        if (port.took(request) != isAgent) {
            throw isAgent
                    ? new Problem(
                            ProblemCode.AGENT_PORT_REQUIRED,
                            "Agents come through their own port, with TLS.")
                    : new Problem(ProblemCode.NOT_FOUND, "There is nothing here but for agents.");
        }
        if (!isAgent) {
            return;
        }
        X509Certificate shown = certificate(request);
        if (shown == null || clock.instant().isAfter(shown.getNotAfter().toInstant())) {
            if (WITHOUT.contains(path)) {
                return;
            }
            throw new Problem(
                    ProblemCode.CLIENT_CERTIFICATE_REQUIRED,
                    "The connection shows no certificate of a host that holds.");
        }
        if (revocations.isRevoked(shown.getSerialNumber())) {
            throw new Problem(
                    ProblemCode.CERTIFICATE_REVOKED,
                    "The certificate was revoked; the host has to enroll again.");
        }
        if (request.getAttribute(Caller.ATTRIBUTE) instanceof Caller.Agent agent
                && !isOf(shown, agent.hostId())) {
            throw new Problem(
                    ProblemCode.CERTIFICATE_OF_OTHER_HOST,
                    "The certificate and the token are not of the same host.");
        }
    }

    private static @Nullable X509Certificate certificate(HttpServletRequest request) {
        return request.getAttribute(CERTIFICATES) instanceof X509Certificate[] chain
                        && chain.length > 0
                ? chain[0]
                : null;
    }

    private static boolean isOf(X509Certificate certificate, UUID hostId) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names != null
                    && names.stream()
                            .anyMatch(
                                    name ->
                                            DNS_NAME.equals(name.get(0))
                                                    && hostId.toString().equals(name.get(1)));
        } catch (CertificateParsingException e) {
            return false;
        }
    }
}
