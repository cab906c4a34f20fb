package io.memfabric.broker.web;

import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/// Lets a connection take less memory: thousands of agents and of readers of events keep theirs open
/// and say little. Tomcat's own buffers are of 8 KiB for each way; what is larger than a buffer takes a
/// few more reads or writes.
@Component
public class ConnectionMemory implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    private static final int BUFFER_BYTES = 2048;

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.addConnectorCustomizers(
                connector -> {
                    String bytes = Integer.toString(BUFFER_BYTES);
                    connector.setProperty("socket.appReadBufSize", bytes);
                    connector.setProperty("socket.appWriteBufSize", bytes);
                    connector.setProperty("maxHttpResponseHeaderSize", "4096");
                });
    }
}
