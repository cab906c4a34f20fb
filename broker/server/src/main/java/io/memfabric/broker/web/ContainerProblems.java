package io.memfabric.broker.web;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/// Says what the servlet container refuses by itself, such as a request line that is none, as a
/// problem like every other. Its own answer would be a page for people.
@Component
@Order(Ordered.LOWEST_PRECEDENCE)
class ContainerProblems implements WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> {

    private final ProblemWriter problems;

    ContainerProblems(ProblemWriter problems) {
        this.problems = problems;
    }

    @Override
    public void customize(ConfigurableTomcatWebServerFactory factory) {
        // Added after the container's own, it comes first where something is to be reported.
        factory.addContextCustomizers(
                context -> context.getParent().getPipeline().addValve(new Reporter()));
    }

    private final class Reporter extends ErrorReportValve {
        @Override
        protected void report(Request request, Response response, @Nullable Throwable throwable) {
            int status = response.getStatus();
            if (status < HttpStatus.BAD_REQUEST.value()
                    || response.getContentWritten() > 0
                    || !response.setErrorReported()) {
                return;
            }
            try {
                problems.write(response.getResponse(), problem(status));
            } catch (IOException | IllegalStateException e) {
                container.getLogger().debug("nobody is there to be told", e);
            }
        }
    }

    /// What the container does not understand of a request is the caller's mistake, also where it
    /// calls it a feature that it lacks.
    private static Problem problem(int status) {
        return switch (HttpStatus.resolve(status)) {
            case NOT_FOUND -> new Problem(ProblemCode.NOT_FOUND, "There is nothing here.");
            case METHOD_NOT_ALLOWED ->
                    new Problem(
                            ProblemCode.METHOD_NOT_ALLOWED, "The method is not for this route.");
            case INTERNAL_SERVER_ERROR, SERVICE_UNAVAILABLE ->
                    new Problem(ProblemCode.INTERNAL_ERROR, "The broker failed; its log says why.");
            case null, default ->
                    new Problem(
                            ProblemCode.MALFORMED_REQUEST, "The request is not acceptable HTTP.");
        };
    }
}
