package io.memfabric.broker.certificate;

import io.memfabric.broker.settings.BrokerSettings;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.AbstractProtocol;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.util.threads.VirtualThreadExecutor;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.TomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/// The agents' own port: TLS 1.3 with the fabric's authority at both ends. A certificate is asked
/// for and, where one is shown, checked in the handshake; [AgentDoor] says which requests need one,
/// because a host that enrolls has none yet.
@Component
class AgentPort implements WebServerFactoryCustomizer<TomcatWebServerFactory> {

    private static final String PROTOCOL = "org.apache.coyote.http11.Http11NioProtocol";
    private static final char[] NO_PASSWORD = {};
    private static final int MOST_CONNECTIONS = 40_000;

    private final BrokerSettings.Agents settings;
    private final FabricAuthority authority;
    private @Nullable Connector connector;

    AgentPort(BrokerSettings settings, FabricAuthority authority) {
        this.settings = settings.agents();
        this.authority = authority;
    }

    /// Whether agents have a port of their own.
    boolean isOpen() {
        return settings.security() == BrokerSettings.Agents.Security.MUTUAL_TLS;
    }

    /// Its number, once it listens.
    int number() {
        return connector == null ? -1 : connector.getLocalPort();
    }

    /// Whether the request came through it.
    boolean took(HttpServletRequest request) {
        return request.getLocalPort() == number();
    }

    @Override
    public void customize(TomcatWebServerFactory factory) {
        if (!isOpen()) {
            return;
        }
        Connector made = new Connector(PROTOCOL);
        made.setPort(settings.port());
        made.setScheme("https");
        made.setSecure(true);
        made.setProperty("SSLEnabled", "true");
        made.setProperty("connectionTimeout", "20000");
        made.setProperty("maxConnections", Integer.toString(MOST_CONNECTIONS));
        if (made.getProtocolHandler() instanceof AbstractProtocol<?> protocol) {
            protocol.setExecutor(new VirtualThreadExecutor("agent-port-"));
            protocol.setAddress(
                    settings.address() == null ? factory.getAddress() : settings.address());
        }
        made.addSslHostConfig(tls());
        connector = made;
        factory.addAdditionalConnectors(made);
    }

    private SSLHostConfig tls() {
        try {
            FabricAuthority.BrokerIdentity identity = authority.brokerIdentity();
            KeyStore own = emptyStore();
            own.setKeyEntry(
                    "broker",
                    identity.key(),
                    NO_PASSWORD,
                    identity.chain().toArray(Certificate[]::new));
            KeyStore believed = emptyStore();
            believed.setCertificateEntry("authority", authority.certificate());
            SSLHostConfig tls = new SSLHostConfig();
            tls.setProtocols("TLSv1.3");
            tls.setCertificateVerification("optional");
            tls.setTrustStore(believed);
            SSLHostConfigCertificate shown =
                    new SSLHostConfigCertificate(tls, SSLHostConfigCertificate.Type.EC);
            shown.setCertificateKeystore(own);
            shown.setCertificateKeystorePassword("");
            tls.addCertificate(shown);
            return tls;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the agents' port cannot be opened", e);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }
}
