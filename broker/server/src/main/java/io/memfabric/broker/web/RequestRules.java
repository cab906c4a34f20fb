package io.memfabric.broker.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.HandlerInterceptor;

/// What every request must keep to before anything of it is carried out: text that the ledger can
/// hold, lists without holes, and for a change an answer that its caller can take. A change that is
/// made first and then answered with 406 would be a refusal that changed something.
final class RequestRules implements HandlerInterceptor {

    private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS");

    @Override
    public boolean preHandle(
            HttpServletRequest request, HttpServletResponse response, Object handler) {
        for (Map.Entry<String, String[]> parameter : request.getParameterMap().entrySet()) {
            for (String value : parameter.getValue()) {
                check(parameter.getKey(), value);
            }
        }
        if (!READS.contains(request.getMethod())
                && request.getRequestURI().startsWith("/api/")
                && !takesJson(request.getHeader(HttpHeaders.ACCEPT))) {
            throw new Problem(ProblemCode.NOT_ACCEPTABLE, "Changes are answered in JSON.");
        }
        return true;
    }

    private static void check(String name, String value) {
        if (value.indexOf('\0') >= 0) {
            throw new Problem(ProblemCode.MALFORMED_REQUEST, "A parameter has a NUL character.");
        }
        if (name.equals("state")
                && !value.isEmpty()
                && Arrays.stream(value.split(",", -1)).anyMatch(String::isBlank)) {
            throw new Problem(ProblemCode.MALFORMED_REQUEST, "'state' has an empty entry.");
        }
    }

    private static boolean takesJson(@Nullable String accept) {
        try {
            return accept == null
                    || accept.isBlank()
                    || MediaType.parseMediaTypes(accept).stream()
                            .anyMatch(type -> type.includes(MediaType.APPLICATION_JSON));
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }
}
