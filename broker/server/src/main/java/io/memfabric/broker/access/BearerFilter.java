package io.memfabric.broker.access;

import io.memfabric.broker.audit.Audit;
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

/// Lets nobody in without a token that fits the route, and nobody further than his roles and his
/// tenant reach. It runs before anything reads the body.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class BearerFilter extends OncePerRequestFilter {

    private static final Set<String> OPEN =
            Set.of("/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness");
    private static final Pattern DOCS = Pattern.compile("/docs(/[a-z-]+\\.(css|js|yaml))?");
    private static final String ENROLL = "/agent/v1/enroll";
    private static final int LONGEST_TOKEN = 8192;

    /// Plain path segments only. Without dots alone, escapes or parameters in a path, this filter
    /// and the routing behind it cannot read the same path differently.
    private static final Pattern PLAIN_PATH = Pattern.compile("(/(?!\\.{1,2}(/|$))[\\w.:~-]+)*/?");

    private final Access access;
    private final SessionCallers sessions;
    private final Permission permission;
    private final RateLimits limits;
    private final Refusals refusals;
    private final ProblemWriter problems;

    BearerFilter(
            Access access,
            SessionCallers sessions,
            Permission permission,
            RateLimits limits,
            Refusals refusals,
            ProblemWriter problems) {
        this.access = access;
        this.sessions = sessions;
        this.permission = permission;
        this.limits = limits;
        this.refusals = refusals;
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String path = request.getRequestURI();
        String source = request.getRemoteAddr();
        request.setAttribute(Audit.SOURCE, source);
        if (OPEN.contains(path) || DOCS.matcher(path).matches()) {
            chain.doFilter(request, response);
            return;
        }
        if (OpenRoutes.isOpen(request.getMethod(), path) && PLAIN_PATH.matcher(path).matches()) {
            if (limits.passes(source)) {
                chain.doFilter(request, response);
            } else {
                refuse(response, tooMany(), source);
            }
            return;
        }
        try {
            Caller caller = admit(request, path, source);
            request.setAttribute(Caller.ATTRIBUTE, caller);
            request.setAttribute(Audit.ACTOR, caller.actor());
        } catch (Problem problem) {
            refuse(response, problem, source);
            return;
        }
        chain.doFilter(request, response);
    }

    private void refuse(HttpServletResponse response, Problem problem, String source)
            throws IOException {
        Problem answer = problem;
        if (problem.code().status() == HttpStatus.UNAUTHORIZED && !limits.passesRefused(source)) {
            answer = tooMany();
        }
        if (answer.code().status() == HttpStatus.UNAUTHORIZED) {
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"memfabric\"");
        }
        problems.write(response, answer);
    }

    private Caller admit(HttpServletRequest request, String path, String source) {
        if (!path.startsWith("/agent/") && !limits.passes(source)) {
            throw tooMany();
        }
        Optional<Caller> known =
                request.getHeader(HttpHeaders.AUTHORIZATION) == null
                        ? signedIn(request)
                        : token(request).flatMap(this::recognise);
        if (known.isEmpty()) {
            refusals.note(source, "nobody", "unauthenticated", request.getMethod(), path);
            throw new Problem(ProblemCode.UNAUTHENTICATED, "A valid bearer token is needed.");
        }
        Caller caller = known.get();
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
            refusals.note(source, caller.actor(), "forbidden", request.getMethod(), path);
            throw new Problem(ProblemCode.FORBIDDEN, "The token is not for this route.");
        }
        if (caller instanceof Caller.Api api) {
            if (!limits.passes(api)) {
                throw tooMany();
            }
            check(api, request.getMethod(), path, source);
        }
        return caller;
    }

    /// Who is signed in, by the cookie. A change needs the session's CSRF token beside it: a cookie
    /// alone may come with a request that another site made.
    private Optional<Caller> signedIn(HttpServletRequest request) {
        String session = OpenRoutes.sessionCookie(request);
        if (session == null) {
            return Optional.empty();
        }
        Optional<Caller.Api> caller;
        try {
            caller = sessions.recogniseSession(session);
        } catch (CannotCreateTransactionException | DataAccessException e) {
            throw unavailable(e);
        }
        String csrf = request.getHeader(SessionCallers.CSRF_HEADER);
        if (caller.isPresent()
                && OpenRoutes.changes(request.getMethod())
                && (csrf == null || !sessions.isCsrfToken(session, csrf))) {
            throw new Problem(
                    ProblemCode.CSRF_TOKEN_INVALID,
                    "A change needs the session's token in " + SessionCallers.CSRF_HEADER + ".");
        }
        return caller.map(found -> found);
    }

    private void check(Caller.Api caller, String method, String path, String source) {
        try {
            permission.check(caller, method, path);
        } catch (Problem problem) {
            if (problem.code() == ProblemCode.FORBIDDEN) {
                refusals.note(source, caller.actor(), "forbidden", method, path);
            }
            throw problem;
        } catch (CannotCreateTransactionException | DataAccessException e) {
            throw unavailable(e);
        }
    }

    private Optional<Caller> recognise(String token) {
        try {
            return access.recognise(token);
        } catch (CannotCreateTransactionException | DataAccessException e) {
            throw unavailable(e);
        }
    }

    private Problem unavailable(RuntimeException e) {
        logger.warn("tokens cannot be checked", e);
        return new Problem(ProblemCode.DATABASE_UNAVAILABLE, "The ledger cannot be reached.");
    }

    private static Problem tooMany() {
        return new Problem(
                ProblemCode.RATE_LIMITED, "There were too many requests; wait a little.");
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
