package io.memfabric.broker.web;

import org.apache.coyote.http11.Http11NioProtocol;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/// Lets a connection take less memory: thousands of agents and of readers of events keep theirs open
/// and say little. Tomcat's own buffers are of 8 KiB for each way, and 16 KiB more for the characters
/// of an answer; what is larger than a buffer takes a few more reads or writes.
@Component
public class ConnectionMemory implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    private static final int BUFFER_BYTES = 2048;

    /// HTTP/1.1 with small buffers for answers. Tomcat makes it by its name.
    public static final class SmallAnswers extends Http11NioProtocol {
        @Override
        public int getDesiredBufferSize() {
            return BUFFER_BYTES;
        }
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.setProtocol(SmallAnswers.class.getName());
        factory.addConnectorCustomizers(
                connector -> {
                    String bytes = Integer.toString(BUFFER_BYTES);
                    connector.setProperty("socket.appReadBufSize", bytes);
                    connector.setProperty("socket.appWriteBufSize", bytes);
                    connector.setProperty("maxHttpResponseHeaderSize", "4096");
                });
    }
}
