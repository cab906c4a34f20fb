package io.memfabric.broker.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// Gives out tokens and recognises them.
@Service
public class Access {

    /// The tenant of whoever is not told otherwise.
    public static final UUID DEFAULT_TENANT =
            UUID.fromString("00000000-0000-7000-8000-000000000001");

    private static final Duration JOIN_LIFE = Duration.ofMinutes(15);
    private static final String API = "mfa_";
    private static final String AGENT = "mfh_";
    private static final String JOIN = "mfj_";

    /// Between a join token's secret and the fingerprint of the authority, which is none.
    private static final String PIN = ".";

    private final ApiTokens apiTokens;
    private final Jwts jwts;
    private final AgentTokenRepository agentTokens;
    private final AgentTokens known;
    private final JoinTokenRepository joinTokens;
    private final FabricPin fabric;
    private final InstantSource clock;

    Access(
            ApiTokens apiTokens,
            Jwts jwts,
            AgentTokenRepository agentTokens,
            AgentTokens known,
            JoinTokenRepository joinTokens,
            FabricPin fabric,
            InstantSource clock) {
        this.apiTokens = apiTokens;
        this.jwts = jwts;
        this.agentTokens = agentTokens;
        this.known = known;
        this.joinTokens = joinTokens;
        this.fabric = fabric;
        this.clock = clock;
    }

    /// Uses up a join token, in the transaction at hand.
    public void use(JoinTicket ticket) {
        if (joinTokens.use(ticket.hash().bytes(), clock.instant()) != 1) {
            throw new Problem(
                    ProblemCode.JOIN_TOKEN_USED, "The join token was used or has expired.");
        }
    }

    /// Makes the one token of a host's agent, in the transaction at hand. An older one ends.
    public String issueAgentToken(UUID hostId) {
        String token = Secret.make(AGENT);
        agentTokens.save(new AgentTokenEntity(hostId, Secret.Hash.of(token), clock.instant()));
        known.end(hostId);
        return token;
    }

    /// Ends the token of a host's agent, in the transaction at hand.
    public void endAgentToken(UUID hostId) {
        agentTokens.end(hostId);
        known.end(hostId);
    }

    /// A new join token and its end.
    ///
    /// @param token null where it was shown before
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Issued(@Nullable String token, Instant expiresAt) {}

    @Transactional
    Issued issueJoinToken(String hostName) {
        Instant now = clock.instant();
        joinTokens.forget(now.minus(Duration.ofDays(1)));
        String secret = Secret.make(JOIN);
        Instant end = now.plus(JOIN_LIFE);
        joinTokens.save(new JoinTokenEntity(Secret.Hash.of(secret), hostName, now, end));
        return new Issued(secret + PIN + fabric.fingerprint(), end);
    }

    /// Makes the admin's token; an older one ends.
    @Transactional
    String issueAdminToken(String name) {
        apiTokens.revokeNamed(DEFAULT_TENANT, name);
        return issue(
                        new ApiTokens.Draft(
                                name, DEFAULT_TENANT, Set.of(Role.ADMIN), Set.of(), null, "broker"))
                .token();
    }

    /// A new API token, which is shown only once, and its identity.
    record NewToken(UUID id, String token) {}

    /// Makes an API token, in the transaction at hand.
    NewToken issue(ApiTokens.Draft draft) {
        String token = Secret.make(API);
        return new NewToken(apiTokens.add(draft, Secret.Hash.of(token)), token);
    }

    boolean hasAdminToken(String name) {
        return apiTokens.hasNamed(DEFAULT_TENANT, name);
    }

    boolean hasApiToken(String token) {
        return apiTokens.byHash(Secret.Hash.of(token)).isPresent();
    }

    /// Who presents this token of a person or a control plane, if it is valid and of that kind.
    public Optional<Caller.Api> recogniseApi(String token) {
        return recognise(token).filter(Caller.Api.class::isInstance).map(Caller.Api.class::cast);
    }

    /// Who presents this token, if it is valid.
    Optional<Caller> recognise(String token) {
        if (Jwts.isJwt(token)) {
            return jwts.recognise(token).map(caller -> caller);
        }
        Secret.Hash hash =
                Secret.Hash.of(token.startsWith(JOIN) ? token.split("\\.", 2)[0] : token);
        if (token.startsWith(API)) {
            return apiTokens.byHash(hash).map(ApiTokens.Row::caller);
        }
        if (token.startsWith(AGENT)) {
            return known.hostOf(hash).map(Caller.Agent::new);
        }
        if (token.startsWith(JOIN)) {
            return joinTokens
                    .findByTokenHash(hash.bytes())
                    .filter(t -> t.isUsable(clock.instant()))
                    .map(t -> new Caller.Joining(new JoinTicket(hash, t.hostName())));
        }
        return Optional.empty();
    }
}
