package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.broker.testbed.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// Tokens that are given out, exchanged, ended, forged and out of date.
class TokensIT {

    private static final String LISTED = "/api/v1/vms";

    private final TestBroker broker = TestBroker.shared();
    private final Tokens tokens = new Tokens();

    @Test
    void endsARevokedTokenAtOnce() {
        Http.Answer made = tokens.token(Tokens.DEFAULT_TENANT, "tenant-viewer");
        Http caller = broker.caller(made.body().at("/token").asString());
        assertThat(caller.get(LISTED).status()).isEqualTo(200);
        String path = "/api/v1/tokens/" + made.body().at("/id").asString();
        assertThat(broker.admin().delete(path).status()).isEqualTo(204);
        assertThat(caller.get(LISTED).status()).isEqualTo(401);
        assertThat(broker.admin().delete(path).code()).isEqualTo("token_not_found");
    }

    @Test
    void givesNobodyMoreThanHeHas() {
        String tenant = tokens.tenant(null, null);
        Http operator = tokens.caller(tenant, "tenant-operator");
        assertThat(give(operator, Map.of("name", "a", "roles", List.of("admin"))).code())
                .isEqualTo("invalid_roles");
        assertThat(
                        give(
                                        operator,
                                        Map.of(
                                                "name",
                                                "a",
                                                "roles",
                                                List.of("tenant-viewer"),
                                                "tenantId",
                                                Tokens.DEFAULT_TENANT))
                                .code())
                .isEqualTo("tenant_not_found");
        assertThat(give(operator, Map.of("name", "a", "roles", List.of("tenant-viewer"))).status())
                .isEqualTo(201);
        assertThat(give(operator, Map.of("name", "a", "roles", List.of("tenant-viewer"))).code())
                .isEqualTo("name_taken");
    }

    @Test
    void holdsATokenToItsScopes() {
        Http.Answer made =
                give(
                        broker.admin(),
                        Map.of(
                                "name",
                                "s-" + UUID.randomUUID(),
                                "roles",
                                List.of("admin"),
                                "scopes",
                                List.of("grants:read", "tenants:write")));
        Http scoped = broker.caller(made.body().at("/token").asString());
        assertThat(scoped.get("/api/v1/grants").status()).isEqualTo(200);
        assertThat(scoped.get("/api/v1/hosts").code()).isEqualTo("forbidden");
        assertThat(give(scoped, Map.of("name", "x", "roles", List.of("admin"))).code())
                .isEqualTo("invalid_scopes");
    }

    @Test
    void signsATokenThatEndsWithTheOneBehindIt() {
        Http.Answer made = tokens.token(Tokens.DEFAULT_TENANT, "tenant-viewer");
        Http caller = broker.caller(made.body().at("/token").asString());
        Http signed =
                broker.caller(
                        caller.post("/api/v1/tokens:sign", Map.of())
                                .body()
                                .at("/token")
                                .asString());
        assertThat(signed.get(LISTED).status()).isEqualTo(200);
        assertThat(signed.get("/api/v1/hosts").code()).isEqualTo("forbidden");
        broker.admin().delete("/api/v1/tokens/" + made.body().at("/id").asString());
        assertThat(signed.get(LISTED).status()).isEqualTo(401);
    }

    @Test
    void case6RefusesForgedOutdatedAndOrphanedTokens() throws Exception {
        ECKey key =
                ECKey.parse(Files.readString(broker.dataDir().resolve("signing-key.json")).strip());
        String tenant = tokens.tenant(null, null);
        Http.Answer made = tokens.token(tenant, "tenant-viewer");
        String id = made.body().at("/id").asString();
        Instant later = Instant.now().plusSeconds(60);

        assertThat(status(sign(key, key.getKeyID(), id, later, c -> c))).isEqualTo(200);
        JWTClaimsSet claims = claims(id, later, c -> c);
        assertThat(status(new PlainJWT(claims).serialize())).as("alg=none").isEqualTo(401);
        ECKey other = new ECKeyGenerator(Curve.P_256).generate();
        assertThat(status(sign(other, key.getKeyID(), id, later, c -> c)))
                .as("another key under the id of the right one")
                .isEqualTo(401);
        assertThat(status(sign(key, "unknown", id, later, c -> c)))
                .as("an unknown key id")
                .isEqualTo(401);
        assertThat(status(sign(key, key.getKeyID(), id, Instant.now().minusSeconds(1), c -> c)))
                .as("expired by a second")
                .isEqualTo(401);
        assertThat(status(sign(key, key.getKeyID(), id, later, c -> c.audience("other"))))
                .as("for somebody else")
                .isEqualTo(401);
        assertThat(status(sign(key, key.getKeyID(), id, later, c -> c.issuer("https://other"))))
                .as("from somebody else")
                .isEqualTo(401);
        assertThat(status(sign(key, key.getKeyID(), UUID.randomUUID().toString(), later, c -> c)))
                .as("for a token that never was")
                .isEqualTo(401);
        String signed = sign(key, key.getKeyID(), id, later, c -> c);
        String payload = signed.split("\\.", -1)[1];
        String swapped =
                sign(key, key.getKeyID(), id, later, c -> c.subject("x"))
                        .replaceFirst("\\.[^.]+\\.", "." + payload + ".");
        assertThat(status(swapped)).as("another payload").isEqualTo(401);

        assertThat(broker.admin().delete("/api/v1/tenants/" + tenant).status()).isEqualTo(204);
        assertThat(status(signed)).as("signed, of a deleted tenant").isEqualTo(401);
        assertThat(status(made.body().at("/token").asString()))
                .as("of a deleted tenant")
                .isEqualTo(401);
    }

    private static Http.Answer give(Http caller, Map<String, Object> spec) {
        return caller.post(
                "/api/v1/tokens",
                Map.of("spec", spec),
                "Idempotency-Key",
                UUID.randomUUID().toString());
    }

    private int status(String token) throws IOException {
        return broker.caller(token).get(LISTED).status();
    }

    private static JWTClaimsSet claims(
            String tokenId, Instant expires, UnaryOperator<JWTClaimsSet.Builder> change) {
        return change.apply(
                        new JWTClaimsSet.Builder()
                                .issuer("urn:memfabric:broker")
                                .audience("memfabric")
                                .subject("token:n")
                                .claim("api_token", tokenId)
                                .expirationTime(Date.from(expires)))
                .build();
    }

    private static String sign(
            ECKey key,
            String keyId,
            String tokenId,
            Instant expires,
            UnaryOperator<JWTClaimsSet.Builder> change)
            throws JOSEException, ParseException {
        SignedJWT jwt =
                new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(keyId).build(),
                        claims(tokenId, expires, change));
        jwt.sign(new ECDSASigner(key));
        return jwt.serialize();
    }
}
