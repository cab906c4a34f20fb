package io.memfabric.broker.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/// Turns whatever goes wrong into a problem with a code. Nothing internal leaves the broker.
@RestControllerAdvice
class ProblemAdvice extends ResponseEntityExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);

    @ExceptionHandler
    ResponseEntity<Object> handle(Problem problem) {
        return answer(problem.status(), problem.body());
    }

    @ExceptionHandler({
        CannotCreateTransactionException.class,
        DataAccessResourceFailureException.class
    })
    ResponseEntity<Object> handleLostDatabase(Exception e, HttpServletRequest request) {
        LOG.warn("no database for {} {}", request.getMethod(), request.getRequestURI(), e);
        ResponseEntity<Object> answer =
                answer(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        "database_unavailable",
                        "The ledger cannot be reached; nothing was changed.",
                        true);
        return ResponseEntity.status(answer.getStatusCode())
                .headers(answer.getHeaders())
                .header(HttpHeaders.RETRY_AFTER, "2")
                .body(answer.getBody());
    }

    @ExceptionHandler
    ResponseEntity<Object> handleConflict(ConcurrencyFailureException e) {
        LOG.warn("a change was overtaken too often", e);
        return answer(
                HttpStatus.CONFLICT,
                "too_many_conflicts",
                "Other changes came first again and again; nothing was changed.",
                true);
    }

    @ExceptionHandler
    ResponseEntity<Object> handleBug(Exception e, HttpServletRequest request) {
        LOG.error("{} {} failed", request.getMethod(), request.getRequestURI(), e);
        return answer(
                HttpStatus.INTERNAL_SERVER_ERROR,
                "internal_error",
                "The broker failed; its log says why.",
                false);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException e,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof Problem problem) {
                return answer(problem.status(), problem.body());
            }
        }
        return answer(HttpStatus.BAD_REQUEST, "malformed_request", MalformedJson.explain(e), false);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception e,
            @Nullable Object body,
            HttpHeaders headers,
            HttpStatusCode statusCode,
            WebRequest request) {
        HttpStatus status = HttpStatus.valueOf(statusCode.value());
        String code =
                switch (status) {
                    case NOT_FOUND -> "not_found";
                    case BAD_REQUEST -> "malformed_request";
                    default -> status.name().toLowerCase(Locale.ROOT);
                };
        String detail = body instanceof ProblemDetail p ? p.getDetail() : status.getReasonPhrase();
        ResponseEntity<Object> answer = answer(status, code, detail, status.is5xxServerError());
        HttpHeaders all = new HttpHeaders();
        all.putAll(headers);
        all.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        return new ResponseEntity<>(answer.getBody(), all, status);
    }

    private static ResponseEntity<Object> answer(
            HttpStatus status, String code, @Nullable String detail, boolean retryable) {
        return answer(status, Problem.describe(status, code, detail, retryable));
    }

    private static ResponseEntity<Object> answer(HttpStatus status, ProblemDetail body) {
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(body);
    }
}
