package io.memfabric.broker.session;

import io.memfabric.broker.settings.BrokerSettings;
import io.memfabric.broker.settings.SignInSettings;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The identity provider at which people sign in: OpenID Connect's authorization code flow with PKCE
/// (RFC 7636, S256). What it is and where its endpoints are it says itself (OpenID Connect Discovery).
@Component
class IdentityProvider {

    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final JsonMapper json;
    private final HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build();
    private final @Nullable String issuer;
    private final SignInSettings settings;

    @Autowired
    IdentityProvider(BrokerSettings broker, SignInSettings settings, JsonMapper json) {
        this(broker.oidc().issuer(), settings, json);
    }

    IdentityProvider(@Nullable String issuer, SignInSettings settings, JsonMapper json) {
        this.json = json;
        this.issuer = issuer;
        this.settings = settings;
        if (settings.isSet() && issuer == null) {
            throw new IllegalArgumentException(
                    "memfabric-sign-in needs memfabric.oidc.issuer and memfabric.oidc.jwks-uri");
        }
    }

    boolean isSet() {
        return settings.isSet();
    }

    /// Where the browser has to go.
    ///
    /// @throws IOException where the provider does not say where that is
    URI signInPage(String state, String verifier) throws IOException {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("response_type", "code");
        query.put("client_id", settings.needClientId());
        query.put("redirect_uri", redirect());
        query.put("scope", settings.scope());
        query.put("state", state);
        query.put("code_challenge", challenge(verifier));
        query.put("code_challenge_method", "S256");
        String endpoint = endpoint("authorization_endpoint");
        return URI.create(endpoint + (endpoint.contains("?") ? "&" : "?") + form(query));
    }

    /// The tokens that a code is good for, the one for the API first.
    ///
    /// @throws IOException where the provider gives none
    List<String> redeem(String code, String verifier) throws IOException {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "authorization_code");
        form.put("code", code);
        form.put("redirect_uri", redirect());
        form.put("client_id", settings.needClientId());
        form.put("code_verifier", verifier);
        if (settings.clientSecret() != null) {
            form.put("client_secret", settings.clientSecret());
        }
        JsonNode answer =
                ask(
                        HttpRequest.newBuilder(URI.create(endpoint("token_endpoint")))
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(HttpRequest.BodyPublishers.ofString(form(form))));
        List<String> tokens = new ArrayList<>();
        for (String name : List.of("access_token", "id_token")) {
            if (answer.path(name).isString()) {
                tokens.add(answer.get(name).asString());
            }
        }
        return tokens;
    }

    /// The challenge of a verifier: the two are shown at different moments, so that who steals a code
    /// on its way cannot use it.
    static String challenge(String verifier) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private String redirect() {
        return settings.needExternalUrl() + "/api/v1/sign-in/oidc/callback";
    }

    private String endpoint(String name) throws IOException {
        String base = issuer == null ? "" : issuer.replaceAll("/+$", "");
        JsonNode about =
                ask(HttpRequest.newBuilder(URI.create(base + "/.well-known/openid-configuration")));
        if (!about.path("issuer").asString("").equals(issuer) || !about.path(name).isString()) {
            throw new IOException("the identity provider does not say its " + name);
        }
        return about.get(name).asString();
    }

    private JsonNode ask(HttpRequest.Builder request) throws IOException {
        try {
            HttpResponse<String> answer =
                    client.send(
                            request.header("Accept", "application/json").timeout(LIMIT).build(),
                            HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException("the identity provider answered " + answer.statusCode());
            }
            return json.readTree(answer.body());
        } catch (JacksonException e) {
            throw new IOException("the identity provider answered no JSON", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static String form(Map<String, String> values) {
        return values.entrySet().stream()
                .map(
                        e ->
                                e.getKey()
                                        + "="
                                        + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}
