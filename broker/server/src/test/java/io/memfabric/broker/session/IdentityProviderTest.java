package io.memfabric.broker.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.memfabric.broker.settings.SignInSettings;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/// The flow against a provider that checks what it is shown.
class IdentityProviderTest {

    private static final String VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    @SuppressWarnings("NullAway.Init") // Set before each test.
    private HttpServer server;

    private String issuer = "";
    private String saysIssuer = "";
    private String challenge = "";

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer = "http://127.0.0.1:" + server.getAddress().getPort();
        saysIssuer = issuer;
        server.createContext("/.well-known/openid-configuration", this::about);
        server.createContext("/token", this::token);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void about(HttpExchange exchange) throws IOException {
        String text =
                """
                {"issuer": "%s", "authorization_endpoint": "%s/authorize", "token_endpoint": "%s/token"}
                """
                        .formatted(saysIssuer, issuer, issuer);
        answer(exchange, 200, text);
    }

    private void token(HttpExchange exchange) throws IOException {
        Map<String, String> form =
                parse(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        boolean right =
                IdentityProvider.challenge(form.getOrDefault("code_verifier", "")).equals(challenge)
                        && "the-code".equals(form.get("code"))
                        && "dashboard".equals(form.get("client_id"))
                        && "https://fabric.example.org/api/v1/sign-in/oidc/callback"
                                .equals(form.get("redirect_uri"));
        answer(
                exchange,
                right ? 200 : 400,
                right ? "{\"access_token\": \"a\", \"id_token\": \"i\"}" : "{}");
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private static Map<String, String> parse(String form) {
        return Arrays.stream(form.split("&", -1))
                .map(pair -> pair.split("=", 2))
                .collect(
                        Collectors.toMap(
                                pair -> pair[0],
                                pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
    }

    private IdentityProvider provider() {
        SignInSettings signIn =
                new SignInSettings(
                        "dashboard", null, URI.create("https://fabric.example.org"), "openid");
        return new IdentityProvider(issuer, signIn, JsonMapper.builder().build());
    }

    @Test
    void computesTheChallengeOfTheStandardsExample() {
        // RFC 7636, appendix B.
        assertThat(IdentityProvider.challenge(VERIFIER))
                .isEqualTo("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    @Test
    void sendsTheBrowserWithAChallengeAndRedeemsTheCodeWithItsVerifier() throws IOException {
        URI page = provider().signInPage("the-state", VERIFIER);
        assertThat(page.toString()).startsWith(issuer + "/authorize?").doesNotContain(VERIFIER);
        Map<String, String> query = parse(page.getRawQuery());
        assertThat(query)
                .containsEntry("response_type", "code")
                .containsEntry("state", "the-state")
                .containsEntry("code_challenge_method", "S256");
        challenge = query.getOrDefault("code_challenge", "");
        assertThat(provider().redeem("the-code", VERIFIER)).containsExactly("a", "i");
    }

    @Test
    void getsNothingForACodeWithAnotherVerifier() throws IOException {
        challenge = IdentityProvider.challenge(VERIFIER);
        assertThatThrownBy(() -> provider().redeem("the-code", "another"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("400");
    }

    @Test
    void trustsNoProviderThatSaysItIsAnother() {
        saysIssuer = "https://evil.example.org";
        assertThatThrownBy(() -> provider().signInPage("s", VERIFIER))
                .isInstanceOf(IOException.class);
    }
}
