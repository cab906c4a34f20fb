package io.memfabric.broker.inventory;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.filter.OncePerRequestFilter;

/// Asks the broker that hears a host, where somebody reads what only that broker knows: the last
/// second of a host or a VM, the last hour of a VM, and why its balloon is as it is. The caller's
/// own token goes along, so the other broker decides for itself what he may see. Where it does not
/// answer, this broker says what it knows. It runs behind the filter that lets callers in.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 20)
class ForwardedReads extends OncePerRequestFilter {

    private static final Pattern LIVE =
            Pattern.compile(
                    "/api/v1/(?:hosts/([0-9a-f-]{36})|vms/([0-9a-f-]{36})(?:/explain|/history)?)");

    /// Whoever has it was asked by a broker and answers by himself.
    private static final String FORWARDED = "Memfabric-Forwarded";

    private static final List<String> ASKED = List.of("Authorization", "Cookie", "Accept");
    private static final List<String> ANSWERED = List.of("Content-Type", "ETag", "Cache-Control");
    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(2);
    private static final int OK = 200;

    private final Brokers brokers;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(CONNECT)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();

    ForwardedReads(Brokers brokers) {
        this.brokers = brokers;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Optional<HttpResponse<byte[]>> answer = elsewhere(request).flatMap(at -> ask(at, request));
        if (answer.isEmpty()) {
            chain.doFilter(request, response);
            return;
        }
        response.setStatus(OK);
        ANSWERED.forEach(
                name ->
                        answer.get()
                                .headers()
                                .firstValue(name)
                                .ifPresent(value -> response.setHeader(name, value)));
        response.getOutputStream().write(answer.get().body());
    }

    private Optional<URI> elsewhere(HttpServletRequest request) {
        Matcher path = LIVE.matcher(request.getRequestURI());
        if (!request.getMethod().equals("GET")
                || request.getHeader(FORWARDED) != null
                || !path.matches()) {
            return Optional.empty();
        }
        try {
            UUID id = UUID.fromString(path.group(1) == null ? path.group(2) : path.group(1));
            return brokers.elsewhere(id);
        } catch (IllegalArgumentException
                | DataAccessException
                | CannotCreateTransactionException e) {
            // Whoever answers the request says what is wrong with it.
            return Optional.empty();
        }
    }

    private Optional<HttpResponse<byte[]>> ask(URI broker, HttpServletRequest request) {
        String query = request.getQueryString();
        HttpRequest.Builder asked =
                HttpRequest.newBuilder(
                                URI.create(
                                        broker
                                                + request.getRequestURI()
                                                + (query == null ? "" : "?" + query)))
                        .timeout(ANSWER)
                        .header(FORWARDED, "1");
        for (String name : ASKED) {
            String value = request.getHeader(name);
            if (value != null) {
                asked.header(name, value);
            }
        }
        try {
            HttpResponse<byte[]> answer =
                    http.send(asked.build(), HttpResponse.BodyHandlers.ofByteArray());
            return answer.statusCode() == OK ? Optional.of(answer) : Optional.empty();
        } catch (IOException e) {
            logger.debug("the broker at " + broker + " does not answer: " + e);
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
