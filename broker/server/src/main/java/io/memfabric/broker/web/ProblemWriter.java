package io.memfabric.broker.web;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/// Writes a problem where no controller is reached, such as in a filter.
@Component
public class ProblemWriter {

    private final JsonMapper json;

    ProblemWriter(JsonMapper json) {
        this.json = json;
    }

    /// Answers a request with a problem and nothing else.
    public void write(HttpServletResponse response, Problem problem) throws IOException {
        response.setStatus(problem.code().status().value());
        switch (problem.code()) {
            case DATABASE_UNAVAILABLE -> response.setHeader(HttpHeaders.RETRY_AFTER, "2");
            case RATE_LIMITED -> response.setHeader(HttpHeaders.RETRY_AFTER, "1");
            default -> {}
        }
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.getOutputStream().write(json.writeValueAsBytes(problem.body()));
    }
}
