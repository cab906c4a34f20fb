package io.memfabric.broker.inventory;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/// Believes nothing that a host in quarantine says: a clone could take the host's commands, and
/// answer that a device is gone which the host's guest still swaps on. Only reports are heard, because
/// their answer ends harvesting at both; it says nothing that the ledger keeps. It runs behind the
/// filters that know the token and the certificate.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 16)
class QuarantineDoor extends OncePerRequestFilter {

    private static final String REPORTS = "/agent/v1/reports";

    private final Quarantine quarantine;
    private final ProblemWriter problems;

    QuarantineDoor(Quarantine quarantine, ProblemWriter problems) {
        this.quarantine = quarantine;
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (request.getAttribute(Caller.ATTRIBUTE) instanceof Caller.Agent agent
                && !request.getRequestURI().equals(REPORTS)
                && quarantine.holds(agent.hostId())) {
            problems.write(
                    response,
                    new Problem(
                            ProblemCode.HOST_QUARANTINED,
                            "Two agents have this identity; the host has to enroll again."));
            return;
        }
        chain.doFilter(request, response);
    }
}
