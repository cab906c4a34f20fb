package io.memfabric.broker.web;

import java.util.Arrays;
import org.apache.catalina.Service;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Response;
import org.apache.catalina.startup.Tomcat;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Lets a connection take less memory: thousands of agents and of readers of events keep theirs open
/// and say little. Tomcat's own buffers are of 8 KiB for each way, and 16 KiB more for the characters
/// of an answer; what is larger than a buffer takes a few more reads or writes.
@Configuration(proxyBeanMethods = false)
class ConnectionMemory {

    private static final int SOCKET_BYTES = 2048;
    private static final int ANSWER_BYTES = 1024;

    @Bean
    TomcatServletWebServerFactory tomcat() {
        return new SmallAnswers();
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> smallBuffers() {
        return factory ->
                factory.addConnectorCustomizers(
                        connector -> {
                            String bytes = Integer.toString(SOCKET_BYTES);
                            connector.setProperty("socket.appReadBufSize", bytes);
                            connector.setProperty("socket.appWriteBufSize", bytes);
                            connector.setProperty("maxHttpResponseHeaderSize", "4096");
                            // Held for as long as a connection is open, and nobody sends trailers.
                            connector.setProperty("maxTrailerSize", "256");
                        });
    }

    /// Puts a connector in the place of the usual one, which has no setting for an answer's buffers.
    private static final class SmallAnswers extends TomcatServletWebServerFactory {
        @Override
        protected TomcatWebServer getTomcatWebServer(Tomcat tomcat) {
            Connector connector =
                    new Connector(getProtocol()) {
                        @Override
                        public Response createResponse(org.apache.coyote.Response answer) {
                            return new Response(answer, ANSWER_BYTES);
                        }
                    };
            connector.setThrowOnFailure(true);
            // The first is the one that the server is known by; the others, like the agents',
            // follow.
            Service service = tomcat.getService();
            Connector[] usual = service.findConnectors();
            Arrays.stream(usual).forEach(service::removeConnector);
            service.addConnector(connector);
            customizeConnector(connector);
            Arrays.stream(usual).skip(1).forEach(service::addConnector);
            tomcat.setConnector(connector);
            return super.getTomcatWebServer(tomcat);
        }
    }
}
