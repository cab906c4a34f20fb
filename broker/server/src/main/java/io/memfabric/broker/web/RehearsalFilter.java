package io.memfabric.broker.web;

import io.memfabric.broker.database.Ledger;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/// `validateOnly=true` on whatever changes something: it is answered as ever, and nothing is changed.
/// The change runs to its end and is taken back, so that what is found out is found out by the same
/// code. A controller need not know of it.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 30)
class RehearsalFilter extends OncePerRequestFilter {

    private static final Pattern PARAMETER =
            Pattern.compile("(?:^|&)validateOnly(?:=([^&]*))?(?=&|$)");

    private final ProblemWriter problems;

    RehearsalFilter(ProblemWriter problems) {
        this.problems = problems;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !request.getRequestURI().startsWith("/api/")
                || request.getQueryString() == null
                || !PARAMETER.matcher(request.getQueryString()).find();
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        // Not by getParameter, which may read a body.
        Set<String> wanted =
                PARAMETER
                        .matcher(request.getQueryString())
                        .results()
                        .map(found -> String.valueOf(found.group(1)))
                        .collect(Collectors.toSet());
        if (wanted.equals(Set.of("true"))) {
            rehearse(request, response, chain);
        } else if (wanted.equals(Set.of("false"))) {
            chain.doFilter(request, response);
        } else {
            problems.write(
                    response,
                    new Problem(
                            ProblemCode.MALFORMED_REQUEST, "validateOnly must be true or false."));
        }
    }

    private static void rehearse(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        try {
            ScopedValue.where(Ledger.REHEARSAL, true)
                    .call(
                            () -> {
                                chain.doFilter(request, response);
                                return true;
                            });
        } catch (ServletException | IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new ServletException(e);
        }
    }
}
