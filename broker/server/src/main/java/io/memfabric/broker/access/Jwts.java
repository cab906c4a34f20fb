package io.memfabric.broker.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.memfabric.broker.settings.BrokerSettings;
import java.net.MalformedURLException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Signed tokens (RFC 7519): those of the issuer that the settings name, and the broker's own, which
/// an API token is exchanged for and which end with it. Only signatures with a public key count; a
/// token without one, or with a key that its issuer does not publish, is no token.
@Component
class Jwts {

    /// The issuer of the broker's own tokens.
    static final String LOCAL = "urn:memfabric:broker";

    private static final String LOCAL_TOKEN_CLAIM = "api_token";
    private static final String LOCAL_AUDIENCE = "memfabric";
    private static final int LARGEST_KEY_SET = 256 * 1024;
    private static final int FETCH_MILLIS = 3000;

    private static final Set<JWSAlgorithm> ALGORITHMS =
            Set.of(
                    JWSAlgorithm.RS256,
                    JWSAlgorithm.RS384,
                    JWSAlgorithm.RS512,
                    JWSAlgorithm.PS256,
                    JWSAlgorithm.ES256,
                    JWSAlgorithm.ES384);

    private static final Logger LOG = LoggerFactory.getLogger(Jwts.class);

    private final BrokerSettings.Oidc oidc;
    private final ApiTokens tokens;
    private final JdbcClient jdbc;
    private final InstantSource clock;
    private final ECKey key;
    private final DefaultJWTProcessor<SecurityContext> local;
    private final @Nullable DefaultJWTProcessor<SecurityContext> foreign;

    Jwts(
            BrokerSettings settings,
            SigningKey signingKey,
            ApiTokens tokens,
            JdbcClient jdbc,
            InstantSource clock) {
        this.oidc = settings.oidc();
        this.tokens = tokens;
        this.jdbc = jdbc;
        this.clock = clock;
        this.key = signingKey.key();
        this.local =
                processor(
                        new ImmutableJWKSet<>(new JWKSet(key)),
                        Set.of(JWSAlgorithm.ES256),
                        LOCAL,
                        LOCAL_AUDIENCE,
                        Duration.ZERO);
        this.foreign = foreign(oidc);
    }

    /// Whether a token looks like a signed one rather than one of the ledger.
    static boolean isJwt(String token) {
        return token.chars().filter(c -> c == '.').count() == 2;
    }

    Optional<Caller.Api> recognise(String token) {
        try {
            String issuer = JWTParser.parse(token).getJWTClaimsSet().getIssuer();
            if (LOCAL.equals(issuer)) {
                return ofLocal(local.process(token, null));
            }
            return foreign == null ? Optional.empty() : ofForeign(foreign.process(token, null));
        } catch (ParseException | BadJOSEException e) {
            LOG.debug("a signed token was refused: {}", e.toString());
            return Optional.empty();
        } catch (JOSEException | IllegalArgumentException e) {
            LOG.warn("a signed token could not be checked: {}", e.toString());
            return Optional.empty();
        }
    }

    /// Signs a token that stands for an API token, with no more rights and for no longer.
    String sign(Caller.Api caller, Instant expiresAt) {
        JWTClaimsSet claims =
                new JWTClaimsSet.Builder()
                        .issuer(LOCAL)
                        .audience(LOCAL_AUDIENCE)
                        .subject(caller.name())
                        .claim(LOCAL_TOKEN_CLAIM, caller.id().toString())
                        .issueTime(Date.from(clock.instant()))
                        .expirationTime(Date.from(expiresAt))
                        .jwtID(UUID.randomUUID().toString())
                        .build();
        try {
            SignedJWT jwt =
                    new SignedJWT(
                            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
                            claims);
            jwt.sign(new ECDSASigner(key));
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("the broker cannot sign", e);
        }
    }

    private Optional<Caller.Api> ofLocal(JWTClaimsSet claims) throws ParseException {
        UUID id = UUID.fromString(claims.getStringClaim(LOCAL_TOKEN_CLAIM));
        return tokens.byId(id)
                .filter(row -> row.isValid(clock.instant()))
                .map(ApiTokens.Row::caller);
    }

    private Optional<Caller.Api> ofForeign(JWTClaimsSet claims) {
        String tenant = claims.getClaim(oidc.tenantClaim()) instanceof String s ? s : "default";
        Set<Role> roles = roles(claims.getClaim(oidc.roleClaim()));
        if (roles.isEmpty() || claims.getSubject() == null) {
            return Optional.empty();
        }
        String who = claims.getIssuer() + "#" + claims.getSubject();
        return jdbc.sql("select id from tenants where name = ? and deleted_at is null")
                .param(tenant)
                .query(UUID.class)
                .optional()
                .map(
                        id ->
                                new Caller.Api(
                                        UUID.nameUUIDFromBytes(
                                                who.getBytes(StandardCharsets.UTF_8)),
                                        "oidc:" + claims.getSubject(),
                                        id,
                                        roles,
                                        Set.of()));
    }

    private static Set<Role> roles(@Nullable Object claim) {
        Collection<?> names =
                switch (claim) {
                    case String words -> List.of(words.split(" ", -1));
                    case Collection<?> list -> list;
                    case null, default -> List.of();
                };
        EnumSet<Role> roles = EnumSet.noneOf(Role.class);
        names.forEach(name -> Role.of(String.valueOf(name)).ifPresent(roles::add));
        return roles;
    }

    private static @Nullable DefaultJWTProcessor<SecurityContext> foreign(
            BrokerSettings.Oidc oidc) {
        if (oidc.issuer() == null || oidc.jwksUri() == null) {
            return null;
        }
        try {
            JWKSource<SecurityContext> keys =
                    JWKSourceBuilder.create(
                                    oidc.jwksUri().toURL(),
                                    new DefaultResourceRetriever(
                                            FETCH_MILLIS, FETCH_MILLIS, LARGEST_KEY_SET))
                            .build();
            return processor(keys, ALGORITHMS, oidc.issuer(), oidc.audience(), oidc.clockSkew());
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException("memfabric.oidc.jwks-uri is not a URL", e);
        }
    }

    private static DefaultJWTProcessor<SecurityContext> processor(
            JWKSource<SecurityContext> keys,
            Set<JWSAlgorithm> algorithms,
            String issuer,
            String audience,
            Duration skew) {
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(algorithms, keys));
        DefaultJWTClaimsVerifier<SecurityContext> claims =
                new DefaultJWTClaimsVerifier<>(
                        audience,
                        new JWTClaimsSet.Builder().issuer(issuer).build(),
                        Set.of("exp", "sub"));
        claims.setMaxClockSkew(Math.toIntExact(skew.toSeconds()));
        processor.setJWTClaimsSetVerifier(claims);
        return processor;
    }
}
