package io.memfabric.broker.web;

import io.memfabric.broker.policy.ledger.Overtaken;
import jakarta.servlet.http.HttpServletRequest;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
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
        return answer(problem.code(), problem.getMessage(), new HttpHeaders());
    }

    @ExceptionHandler({
        CannotCreateTransactionException.class,
        CannotGetJdbcConnectionException.class
    })
    ResponseEntity<Object> handleNoDatabase(Exception e, HttpServletRequest request) {
        return withoutDatabase("The ledger cannot be reached now.", e, request);
    }

    /// A connection that ends at a COMMIT leaves open whether it happened.
    @ExceptionHandler
    ResponseEntity<Object> handleLostDatabase(
            DataAccessResourceFailureException e, HttpServletRequest request) {
        return withoutDatabase(
                "The connection to the ledger was lost: a change may have been made or not. Ask"
                        + " again, with the same Idempotency-Key where there is one.",
                e,
                request);
    }

    private ResponseEntity<Object> withoutDatabase(
            String detail, Exception e, HttpServletRequest request) {
        LOG.warn("no database for {} {}", request.getMethod(), request.getRequestURI(), e);
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.RETRY_AFTER, "2");
        return answer(ProblemCode.DATABASE_UNAVAILABLE, detail, headers);
    }

    /// A query that cannot be read, such as one with half an escape.
    @ExceptionHandler
    ResponseEntity<Object> handleQuery(InvalidParameterException e) {
        return answer(
                ProblemCode.MALFORMED_REQUEST, "The query cannot be read.", new HttpHeaders());
    }

    /// Of two changes that name the same revision at the same moment, the later one.
    @ExceptionHandler
    ResponseEntity<Object> handleOvertaken(OptimisticLockingFailureException e) {
        LOG.debug("a change was overtaken", e);
        return handle(Revision.conflict());
    }

    @ExceptionHandler({ConcurrencyFailureException.class, Overtaken.class})
    ResponseEntity<Object> handleConflict(RuntimeException e) {
        LOG.warn("a change was overtaken too often", e);
        return answer(
                ProblemCode.TOO_MANY_CONFLICTS,
                "Other changes came first again and again; nothing was changed.",
                new HttpHeaders());
    }

    @ExceptionHandler
    ResponseEntity<Object> handleBug(Exception e, HttpServletRequest request) {
        LOG.error("{} {} failed", request.getMethod(), request.getRequestURI(), e);
        return answer(
                ProblemCode.INTERNAL_ERROR,
                "The broker failed; its log says why.",
                new HttpHeaders());
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException e,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof Problem problem) {
                return handle(problem);
            }
        }
        return answer(ProblemCode.MALFORMED_REQUEST, MalformedJson.explain(e), headers);
    }

    /// A parameter of another type than it has, which is an array where it came twice.
    @Override
    protected @Nullable ResponseEntity<Object> handleTypeMismatch(
            TypeMismatchException e,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        return e.getValue() instanceof Object[]
                ? answer(
                        ProblemCode.MALFORMED_REQUEST,
                        "'" + e.getPropertyName() + "' is given more than once.",
                        headers)
                : super.handleTypeMismatch(e, headers, status, request);
    }

    /// What Spring itself refuses, such as a route that does not exist.
    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception e,
            @Nullable Object body,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        ProblemCode code =
                switch (HttpStatus.valueOf(status.value())) {
                    case NOT_FOUND -> ProblemCode.NOT_FOUND;
                    case METHOD_NOT_ALLOWED -> ProblemCode.METHOD_NOT_ALLOWED;
                    case NOT_ACCEPTABLE -> ProblemCode.NOT_ACCEPTABLE;
                    case UNSUPPORTED_MEDIA_TYPE -> ProblemCode.UNSUPPORTED_MEDIA_TYPE;
                    default ->
                            status.is4xxClientError()
                                    ? ProblemCode.MALFORMED_REQUEST
                                    : ProblemCode.INTERNAL_ERROR;
                };
        if (code == ProblemCode.INTERNAL_ERROR) {
            LOG.error("{} failed", request.getDescription(false), e);
        }
        return answer(code, body instanceof ProblemDetail p ? p.getDetail() : null, headers);
    }

    private static ResponseEntity<Object> answer(
            ProblemCode code, @Nullable String detail, HttpHeaders headers) {
        HttpHeaders all = new HttpHeaders();
        all.putAll(headers);
        all.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        return new ResponseEntity<>(Problem.describe(code, detail), all, code.status());
    }
}
