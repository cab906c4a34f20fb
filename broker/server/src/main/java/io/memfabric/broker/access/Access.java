package io.memfabric.broker.access;

import io.memfabric.broker.database.TimeOrderedId;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// Gives out tokens and recognises them.
@Service
public class Access {

    private static final Duration JOIN_LIFE = Duration.ofMinutes(15);
    private static final String API = "mfa_";
    private static final String AGENT = "mfh_";
    private static final String JOIN = "mfj_";

    private final ApiTokenRepository apiTokens;
    private final AgentTokenRepository agentTokens;
    private final JoinTokenRepository joinTokens;
    private final InstantSource clock;

    Access(
            ApiTokenRepository apiTokens,
            AgentTokenRepository agentTokens,
            JoinTokenRepository joinTokens,
            InstantSource clock) {
        this.apiTokens = apiTokens;
        this.agentTokens = agentTokens;
        this.joinTokens = joinTokens;
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
        return token;
    }

    /// A new join token and its end.
    record Issued(String token, Instant expiresAt) {}

    @Transactional
    Issued issueJoinToken(String hostName) {
        Instant now = clock.instant();
        joinTokens.forget(now.minus(Duration.ofDays(1)));
        Issued issued = new Issued(Secret.make(JOIN), now.plus(JOIN_LIFE));
        joinTokens.save(
                new JoinTokenEntity(
                        Secret.Hash.of(issued.token()), hostName, now, issued.expiresAt()));
        return issued;
    }

    /// Makes a token of the given name, or a new one in its place.
    @Transactional
    String issueApiToken(String name) {
        String token = Secret.make(API);
        Secret.Hash hash = Secret.Hash.of(token);
        Instant now = clock.instant();
        apiTokens
                .findByName(name)
                .ifPresentOrElse(
                        known -> known.replaceBy(hash, now),
                        () ->
                                apiTokens.save(
                                        new ApiTokenEntity(
                                                TimeOrderedId.at(now), name, hash, now)));
        return token;
    }

    boolean hasApiToken(String token) {
        return apiTokens.findByTokenHash(Secret.Hash.of(token).bytes()).isPresent();
    }

    /// Who presents this token, if it is valid.
    Optional<Caller> recognise(String token) {
        Secret.Hash hash = Secret.Hash.of(token);
        if (token.startsWith(API)) {
            return apiTokens.findByTokenHash(hash.bytes()).map(t -> new Caller.Api(t.id()));
        }
        if (token.startsWith(AGENT)) {
            return agentTokens.findByTokenHash(hash.bytes()).map(t -> new Caller.Agent(t.hostId()));
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
