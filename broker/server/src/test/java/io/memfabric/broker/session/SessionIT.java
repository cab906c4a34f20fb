package io.memfabric.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.Browser;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.TestBroker;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Signing in, what a session may do, and how it ends.
class SessionIT {

    private static final String PASSWORD = "correct horse battery";
    private static final String CSRF = "X-Memfabric-Csrf";
    private static final String STOP = "{\"hostName\": \"joins\"}";

    private final TestBroker broker = TestBroker.shared();
    private final Browser browser = new Browser(broker.address());

    @BeforeAll
    static void setPassword() {
        TestBroker.shared().bean(LocalUsers.class).setAdmin("admin", PASSWORD);
    }

    @AfterEach
    void forgetAttempts() {
        broker.bean(SignInAttempts.class).succeeded("127.0.0.1", "the test");
    }

    private HttpResponse<String> signIn(Browser who, String password) {
        String body = "{\"name\": \"admin\", \"password\": \"" + password + "\"}";
        return who.send("POST", "/api/v1/session", body);
    }

    private String signedIn(Browser who) {
        HttpResponse<String> answer = signIn(who, PASSWORD);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Http.JSON.readTree(answer.body()).get("csrfToken").asString();
    }

    private static String code(HttpResponse<String> answer) {
        return Http.JSON.readTree(answer.body()).path("code").asString("");
    }

    @Test
    void signsInWithACookieThatNoScriptAndNoOtherSiteGets() {
        HttpResponse<String> answer = signIn(browser, PASSWORD);
        assertThat(Browser.setCookie(answer).orElseThrow())
                .startsWith("memfabric_session=mfs_")
                .contains("HttpOnly", "SameSite=Strict", "Path=/");
        JsonNode session = Http.JSON.readTree(browser.send("GET", "/api/v1/session", null).body());
        assertThat(session.get("name").asString()).isEqualTo("admin");
        assertThat(session.get("roles").get(0).asString()).isEqualTo("admin");
        assertThat(browser.send("GET", "/api/v1/hosts", null).statusCode()).isEqualTo(200);
    }

    @Test
    void refusesAWrongPasswordAndThenMakesGuessersWait() {
        for (int i = 0; i < 5; i++) {
            HttpResponse<String> answer = signIn(browser, "wrong");
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(Browser.setCookie(answer)).isEmpty();
        }
        HttpResponse<String> blocked = signIn(browser, PASSWORD);
        assertThat(blocked.statusCode()).isEqualTo(429);
        assertThat(code(blocked)).isEqualTo("rate_limited");
    }

    @Test
    void saysTheSameOfAnUnknownNameAsOfAWrongPassword() {
        HttpResponse<String> unknown =
                browser.send(
                        "POST", "/api/v1/session", "{\"name\": \"nobody\", \"password\": \"x\"}");
        HttpResponse<String> wrong = signIn(browser, "x");
        assertThat(unknown.statusCode()).isEqualTo(401);
        assertThat(unknown.body()).isEqualTo(wrong.body());
    }

    @Test
    void changesNothingWithoutTheSessionsOwnToken() {
        String csrf = signedIn(browser);
        String others = signedIn(new Browser(broker.address()));
        assertThat(code(browser.send("POST", "/api/v1/join-tokens", STOP)))
                .isEqualTo("csrf_token_invalid");
        assertThat(code(browser.send("POST", "/api/v1/join-tokens", STOP, CSRF, others)))
                .isEqualTo("csrf_token_invalid");
        assertThat(browser.send("POST", "/api/v1/join-tokens", STOP, CSRF, csrf).statusCode())
                .isEqualTo(201);
    }

    @Test
    void endsWithTheSignOut() {
        HttpResponse<String> answer = signIn(browser, PASSWORD);
        Browser thief = new Browser(broker.address());
        String cookie = Browser.setCookie(answer).orElseThrow().split(";", 2)[0];
        String csrf = Http.JSON.readTree(answer.body()).get("csrfToken").asString();
        assertThat(browser.send("DELETE", "/api/v1/session", null, CSRF, csrf).statusCode())
                .isEqualTo(204);
        assertThat(thief.send("GET", "/api/v1/hosts", null, "Cookie", cookie).statusCode())
                .isEqualTo(401);
    }

    @Test
    void aNewPasswordEndsEveryOtherSession() {
        String csrf = signedIn(browser);
        Browser elsewhere = new Browser(broker.address());
        signedIn(elsewhere);
        String tooShort = "{\"current\": \"" + PASSWORD + "\", \"wanted\": \"short\"}";
        assertThat(code(browser.send("PUT", "/api/v1/session/password", tooShort, CSRF, csrf)))
                .isEqualTo("invalid_password");
        String good = "{\"current\": \"" + PASSWORD + "\", \"wanted\": \"another long one\"}";
        assertThat(browser.send("PUT", "/api/v1/session/password", good, CSRF, csrf).statusCode())
                .isEqualTo(204);
        assertThat(browser.send("GET", "/api/v1/hosts", null).statusCode()).isEqualTo(200);
        assertThat(elsewhere.send("GET", "/api/v1/hosts", null).statusCode()).isEqualTo(401);
        assertThat(signIn(elsewhere, PASSWORD).statusCode()).isEqualTo(401);
        assertThat(signIn(elsewhere, "another long one").statusCode()).isEqualTo(200);
        setPassword();
    }

    @Test
    void aSessionIsNotForAgents() {
        String csrf = signedIn(browser);
        assertThat(code(browser.send("POST", "/agent/v1/reports", "{}", CSRF, csrf)))
                .isEqualTo("forbidden");
    }
}
