package io.memfabric.broker.access;

import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.filter.OncePerRequestFilter;

/// Lets nobody in without a token that fits the route. It runs before anything reads the body.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class BearerFilter extends OncePerRequestFilter {

    private static final Set<String> OPEN =
            Set.of("/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness");
    private static final String ENROLL = "/agent/v1/enroll";
    private static final int LONGEST_TOKEN = 200;

    /// Plain path segments only. Without dots alone, escapes or parameters in a path, this filter
    /// and the routing behind it cannot read the same path differently.
    private static final Pattern PLAIN_PATH = Pattern.compile("(/(?!\\.{1,2}(/|$))[\\w.:~-]+)*/?");

    private final Access access;
    private final ProblemWriter problems;

    BearerFilter(Access access, ProblemWriter problems) {
        this.access = access;
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String path = request.getRequestURI();
        if (OPEN.contains(path)) {
            chain.doFilter(request, response);
            return;
        }
        try {
            Caller caller = admit(request, path);
            request.setAttribute(Caller.ATTRIBUTE, caller);
        } catch (Problem problem) {
            if (problem.code().status() == HttpStatus.UNAUTHORIZED) {
                response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"memfabric\"");
            }
            problems.write(response, problem);
            return;
        }
        chain.doFilter(request, response);
    }

    private Caller admit(HttpServletRequest request, String path) {
        Caller caller =
                token(request)
                        .flatMap(this::recognise)
                        .orElseThrow(
                                () ->
                                        new Problem(
                                                ProblemCode.UNAUTHENTICATED,
                                                "A valid bearer token is needed."));
        if (!PLAIN_PATH.matcher(path).matches()) {
            throw new Problem(ProblemCode.MALFORMED_REQUEST, "The path is not plain.");
        }
        boolean fits =
                switch (caller) {
                    case Caller.Api _ -> !path.startsWith("/agent/");
                    case Caller.Agent _ -> path.startsWith("/agent/") && !path.equals(ENROLL);
                    case Caller.Joining _ -> path.equals(ENROLL);
                };
        if (!fits) {
            throw new Problem(ProblemCode.FORBIDDEN, "The token is not for this route.");
        }
        return caller;
    }

    private Optional<Caller> recognise(String token) {
        try {
            return access.recognise(token);
        } catch (CannotCreateTransactionException | DataAccessException e) {
            logger.warn("tokens cannot be checked", e);
            throw new Problem(ProblemCode.DATABASE_UNAVAILABLE, "The ledger cannot be reached.");
        }
    }

    private static Optional<String> token(HttpServletRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (header == null || !header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return Optional.empty();
        }
        String token = header.substring(7).strip();
        return token.isEmpty() || token.length() > LONGEST_TOKEN
                ? Optional.empty()
                : Optional.of(token);
    }
}
