package io.memfabric.broker.web;

import io.memfabric.broker.settings.BrokerSettings;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/// Ends a request whose body is larger than its route ever needs, whether it says so or not.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 20)
class BodyLimitFilter extends OncePerRequestFilter {

    private static final long USUAL = 64 * 1024;

    /// 4,096 VMs of at most 1 KiB each.
    private static final long REPORT = 4L * 1024 * 1024;

    /// 262,144 regions of at most 200 bytes each.
    private static final long INVENTORY = 56L * 1024 * 1024;

    private final ProblemWriter problems;
    private final Duration slowest;

    BodyLimitFilter(ProblemWriter problems, BrokerSettings settings) {
        this.problems = problems;
        this.slowest = settings.limits().slowestBody();
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        long limit =
                switch (request.getRequestURI()) {
                    case "/agent/v1/reports", "/agent/v1/decisions" -> REPORT;
                    case "/agent/v1/inventories" -> INVENTORY;
                    default -> USUAL;
                };
        if (request.getContentLengthLong() > limit) {
            problems.write(response, tooLarge(limit));
            return;
        }
        String type = request.getContentType();
        if (type != null && type.indexOf('*') >= 0) {
            // Spring takes it for a mistake of the broker's own.
            problems.write(
                    response,
                    new Problem(
                            ProblemCode.UNSUPPORTED_MEDIA_TYPE,
                            "Content-Type must name one type of content."));
            return;
        }
        chain.doFilter(new Limited(request, limit, slowest), response);
    }

    private static Problem tooLarge(long limit) {
        return new Problem(
                ProblemCode.BODY_TOO_LARGE, "The body is larger than " + limit + " bytes.");
    }

    private static final class Limited extends HttpServletRequestWrapper {
        private final long limit;
        private final Duration slowest;

        Limited(HttpServletRequest request, long limit, Duration slowest) {
            super(request);
            this.limit = limit;
            this.slowest = slowest;
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            return new LimitedStream(super.getInputStream(), limit, slowest);
        }
    }

    /// Who sends a byte now and then holds nothing: the time runs from the first read to the last.
    private static final class LimitedStream extends ServletInputStream {
        private final ServletInputStream in;
        private final long limit;
        private final Duration slowest;
        private final long deadline;
        private long seen;

        LimitedStream(ServletInputStream in, long limit, Duration slowest) {
            this.in = in;
            this.limit = limit;
            this.slowest = slowest;
            this.deadline = System.nanoTime() + slowest.toNanos();
        }

        @Override
        public int read() throws IOException {
            int next = in.read();
            count(next < 0 ? 0 : 1);
            return next;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int got = in.read(into, offset, length);
            count(Math.max(0, got));
            return got;
        }

        private void count(int bytes) {
            seen += bytes;
            if (System.nanoTime() > deadline) {
                throw new Problem(
                        ProblemCode.BODY_TOO_SLOW,
                        "The body took longer than " + slowest.toMillis() + " ms.");
            }
            if (seen > limit) {
                throw tooLarge(limit);
            }
        }

        @Override
        public boolean isFinished() {
            return in.isFinished();
        }

        @Override
        public boolean isReady() {
            return in.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            in.setReadListener(listener);
        }
    }
}
